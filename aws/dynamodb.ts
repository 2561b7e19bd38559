import { ConditionalCheckFailedException, DynamoDBClient } from "@aws-sdk/client-dynamodb";
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
