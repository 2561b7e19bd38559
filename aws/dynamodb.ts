import { ConditionalCheckFailedException, DynamoDBClient, PutItemCommand } from "@aws-sdk/client-dynamodb";
import { marshall, unmarshall } from "@aws-sdk/util-dynamodb";

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

/**
 * Writes a record in place of exactly the version before it; version 1, where there is none.
 * @param key name of the table's key
 * @returns false when another writer was faster
 */
export const putNextVersion = (
  record: Readonly<Record<string, unknown>> & { readonly version: number },
  {
    client,
    tableName,
    key,
  }: { readonly client: DynamoDBClient; readonly tableName: string; readonly key: string },
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
