import { DeleteItemCommand, GetItemCommand } from "@aws-sdk/client-dynamodb";
import * as v from "valibot";
import { frameSession, type FrameSession } from "../schemas/frame-session.ts";
import { defaultClient, fromItem, putNextVersion, toItem } from "./dynamodb.ts";

/** Each camera's latest session of the engine `frames`, in the table of that name. Records change by conditional writes. */
export const frameSessionsTable = (tableName: string, client = defaultClient) => ({
  /** The record, strongly consistent. */
  async find(processorName: string): Promise<FrameSession | undefined> {
    const { Item } = await client.send(
      new GetItemCommand({ TableName: tableName, Key: toItem({ processorName }), ConsistentRead: true }),
    );
    return Item && v.parse(frameSession, fromItem(Item));
  },

  /**
   * Replaces exactly the version before.
   * @returns false when another writer was faster
   */
  async put(record: FrameSession): Promise<boolean> {
    v.parse(frameSession, record);
    return await putNextVersion(record, { client, tableName, key: "processorName" });
  },

  /** Deletes the record, if there is one: no step of the session is done any more. */
  async remove(processorName: string): Promise<void> {
    await client.send(new DeleteItemCommand({ TableName: tableName, Key: toItem({ processorName }) }));
  },
});
