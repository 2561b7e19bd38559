import { DeleteItemCommand, GetItemCommand, PutItemCommand } from "@aws-sdk/client-dynamodb";
import * as v from "valibot";
import { frameSession, type FrameSession } from "../schemas/frame-session.ts";
import { defaultClient, fromItem, toItem, unlessConditionFails } from "./dynamodb.ts";

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
    const { version } = v.parse(frameSession, record);
    return await unlessConditionFails(() =>
      client.send(
        new PutItemCommand({
          TableName: tableName,
          Item: toItem(record),
          ...(version === 1
            ? { ConditionExpression: "attribute_not_exists(processorName)" }
            : {
                ConditionExpression: "#version = :before",
                ExpressionAttributeNames: { "#version": "version" },
                ExpressionAttributeValues: toItem({ ":before": version - 1 }),
              }),
        }),
      ),
    );
  },

  /** Deletes the record, if there is one: no step of the session is done any more. */
  async remove(processorName: string): Promise<void> {
    await client.send(new DeleteItemCommand({ TableName: tableName, Key: toItem({ processorName }) }));
  },
});
