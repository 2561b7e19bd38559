import { UpdateItemCommand } from "@aws-sdk/client-dynamodb";
import { defaultClient, toItem, unlessConditionFails } from "./dynamodb.ts";

/** What one key may do: so many calls at once, and one more each interval. */
export interface Rate {
  readonly burst: number;
  readonly intervalMs: number;
}

/**
 * Token buckets in the table of that name, each kept as the time at which it will be full again (the generic cell rate
 * algorithm): one conditional write for a key that was quiet, two for one that is busy.
 */
export const rateLimitsTable = (tableName: string, { burst, intervalMs }: Rate, client = defaultClient) => {
  const update = (
    key: string,
    expression: string,
    condition: string,
    values: Record<string, number>,
  ): Promise<boolean> =>
    unlessConditionFails(() =>
      client.send(
        new UpdateItemCommand({
          TableName: tableName,
          Key: toItem({ key }),
          UpdateExpression: expression,
          ConditionExpression: condition,
          ExpressionAttributeValues: toItem(values),
        }),
      ),
    );

  return {
    /** Takes a token. @returns whether there was one */
    async take(key: string, nowMs: number): Promise<boolean> {
      const expiresAtS = Math.ceil((nowMs + burst * intervalMs) / 1000);
      const wasQuiet = await update(
        key,
        "SET fullAtMs = :nextMs, expiresAtS = :expiresAtS",
        "attribute_not_exists(fullAtMs) OR fullAtMs <= :nowMs",
        { ":nowMs": nowMs, ":nextMs": nowMs + intervalMs, ":expiresAtS": expiresAtS },
      );
      if (wasQuiet) return true;
      return await update(
        key,
        "SET fullAtMs = fullAtMs + :intervalMs, expiresAtS = :expiresAtS",
        "fullAtMs <= :latestMs",
        {
          ":intervalMs": intervalMs,
          ":latestMs": nowMs + (burst - 1) * intervalMs,
          ":expiresAtS": expiresAtS,
        },
      );
    },
  };
};
