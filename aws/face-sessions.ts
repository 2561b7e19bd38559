import { DeleteItemCommand, GetItemCommand } from "@aws-sdk/client-dynamodb";
import * as v from "valibot";
import { faceSession, type FaceSession } from "../schemas/face-session.ts";
import { defaultClient, fromItem, putNextVersion, toItem } from "./dynamodb.ts";

/**
 * Each camera's latest session of the engine `face-search`, in the table of that name. Records change by conditional writes.
 */
export const faceSessionsTable = (tableName: string, client = defaultClient) => ({
  /** The record, strongly consistent. */
  async find(processorName: string): Promise<FaceSession | undefined> {
    const { Item } = await client.send(
      new GetItemCommand({ TableName: tableName, Key: toItem({ processorName }), ConsistentRead: true }),
    );
    return Item && v.parse(faceSession, fromItem(Item));
  },

  /**
   * Replaces exactly the version before.
   * @returns false when another writer was faster
   */
  async put(record: FaceSession): Promise<boolean> {
    v.parse(faceSession, record);
    return await putNextVersion(record, { client, tableName, key: "processorName" });
  },

  /** Deletes the record, if there is one: the session is checked no more. */
  async remove(processorName: string): Promise<void> {
    await client.send(new DeleteItemCommand({ TableName: tableName, Key: toItem({ processorName }) }));
  },
});
