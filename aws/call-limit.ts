import { UpdateItemCommand } from "@aws-sdk/client-dynamodb";
import { systemClock, type Clock } from "../base/clock.ts";
import { SECOND_MS } from "../base/durations.ts";
import { defaultClient, toItem, unlessConditionFails } from "./dynamodb.ts";

/** The share of the limit that is left to calls which are not a session's first. */
const LATER_SHARE = 0.8;
/** How long the item of a second is kept: longer than the clocks of two callers differ. */
const KEPT_SECONDS = 3600;

/**
 * An account's limit of calls a second, which all functions share: a table with an item for each second, key `second`, a
 * number, and the time to live `expiresAt`.
 */
export const callLimit = (
  tableName: string,
  perSecond: number,
  clock: Clock = systemClock,
  client = defaultClient,
) => {
  const limits = { first: perSecond, later: Math.max(1, Math.floor(perSecond * LATER_SHARE)) };
  return {
    /**
     * Takes one of this second's calls.
     * @param priority `later` leaves a part of the limit to those that are `first`
     * @returns false when there is none left
     */
    takeCall(priority: "first" | "later"): Promise<boolean> {
      const second = Math.floor(clock.now() / SECOND_MS);
      return unlessConditionFails(() =>
        client.send(
          new UpdateItemCommand({
            TableName: tableName,
            Key: toItem({ second }),
            UpdateExpression: "ADD #calls :one SET #expiresAt = :expiresAt",
            ConditionExpression: "attribute_not_exists(#calls) OR #calls < :limit",
            ExpressionAttributeNames: { "#calls": "calls", "#expiresAt": "expiresAt" },
            ExpressionAttributeValues: toItem({
              ":one": 1,
              ":limit": limits[priority],
              ":expiresAt": second + KEPT_SECONDS,
            }),
          }),
        ),
      );
    },
  };
};
