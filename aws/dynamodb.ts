import {
  ConditionalCheckFailedException,
  DeleteItemCommand,
  DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
} from "@aws-sdk/client-dynamodb";
import { marshall, unmarshall } from "@aws-sdk/util-dynamodb";
import * as v from "valibot";

/** The tables' client by default, configured by the environment. */
export const defaultClient = /* @__PURE__ */ new DynamoDBClient({});

export const toItem = (record: Readonly<Record<string, unknown>>) =>
  marshall(record, { removeUndefinedValues: true });

export const fromItem = unmarshall;

/** Makes a conditional write. @returns false when the condition does not hold */
export async function unlessConditionFails(write: () => Promise<unknown>): Promise<boolean> {
  try {
    await write();
    return true;
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) return false;
    throw error;
  }
}

/** Where records are, and the name of their key. */
interface Place {
  readonly client: DynamoDBClient;
  readonly tableName: string;
  readonly key: string;
}

/** A table of records of one shape, which change only by conditional writes. */
export const versionedRecords = <
  S extends v.GenericSchema<unknown, Readonly<Record<string, unknown>> & { readonly version: number }>,
>(
  schema: S,
  { client, tableName, key }: Place,
) => ({
  /**
   * The record, strongly consistent.
   * @throws ValiError for an item of another shape
   */
  async find(id: string): Promise<v.InferOutput<S> | undefined> {
    const { Item } = await client.send(
      new GetItemCommand({ TableName: tableName, Key: toItem({ [key]: id }), ConsistentRead: true }),
    );
    return Item && v.parse(schema, fromItem(Item));
  },

  /**
   * Replaces exactly the version before; version 1 is written where there is no record.
   * @returns false when another writer was faster
   */
  async put(record: v.InferOutput<S>): Promise<boolean> {
    return await putNextVersion(v.parse(schema, record), { client, tableName, key });
  },

  /** Deletes the record, if there is one. */
  async remove(id: string): Promise<void> {
    await client.send(new DeleteItemCommand({ TableName: tableName, Key: toItem({ [key]: id }) }));
  },
});

/**
 * Writes a record in place of exactly the version before it; version 1, where there is none.
 * @returns false when another writer was faster
 */
export const putNextVersion = (
  record: Readonly<Record<string, unknown>> & { readonly version: number },
  { client, tableName, key }: Place,
): Promise<boolean> =>
  unlessConditionFails(() =>
    client.send(
      new PutItemCommand({
        TableName: tableName,
        Item: toItem(record),
        ...(record.version === 1
          ? { ConditionExpression: `attribute_not_exists(${key})` }
          : {
              ConditionExpression: "#version = :before",
              ExpressionAttributeNames: { "#version": "version" },
              ExpressionAttributeValues: toItem({ ":before": record.version - 1 }),
            }),
      }),
    ),
  );
