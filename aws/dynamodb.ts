import { ConditionalCheckFailedException, DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { marshall, unmarshall } from "@aws-sdk/util-dynamodb";

/** The client that the tables use unless they are given another: it takes everything from the environment. */
export const defaultClient = /* @__PURE__ */ new DynamoDBClient({});

export const toItem = (record: Readonly<Record<string, unknown>>) =>
  marshall(record, { removeUndefinedValues: true });

export const fromItem = unmarshall;

/** Writes on a condition. @returns false when it does not hold */
export async function unlessConditionFails(write: () => Promise<unknown>): Promise<boolean> {
  try {
    await write();
    return true;
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) return false;
    throw error;
  }
}
