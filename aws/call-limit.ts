import { UpdateItemCommand } from "@aws-sdk/client-dynamodb";
import { systemClock, type Clock } from "../base/clock.ts";
import { SECOND_MS } from "../base/durations.ts";
import { defaultClient, toItem, unlessConditionFails } from "./dynamodb.ts";

/** The share of the limit that is left to calls which are not a session's first; a smaller one while first ones are refused. */
const LATER_SHARE = { usually: 0.8, crowded: 0.2 };
/** How long a refused first call counts: about as long as it waits until it is made again. */
const CROWDED_SECONDS = 10;
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
  const laterLimit = (share: number): number => Math.max(1, Math.floor(perSecond * share));
  /** Until which second first calls count as refused; each caller knows of its own. */
  let crowdedUntil = 0;
  return {
    /**
     * Takes one of this second's calls.
     * @param priority `later` leaves a part of the limit to those that are `first`, and most of it while those are refused
     * @returns false when there is none left
     */
    async takeCall(priority: "first" | "later"): Promise<boolean> {
      const second = Math.floor(clock.now() / SECOND_MS);
      const share = second < crowdedUntil ? LATER_SHARE.crowded : LATER_SHARE.usually;
      const isTaken = await unlessConditionFails(() =>
        client.send(
          new UpdateItemCommand({
            TableName: tableName,
            Key: toItem({ second }),
            UpdateExpression: "ADD #calls :one SET #expiresAt = :expiresAt",
            ConditionExpression: "attribute_not_exists(#calls) OR #calls < :limit",
            ExpressionAttributeNames: { "#calls": "calls", "#expiresAt": "expiresAt" },
            ExpressionAttributeValues: toItem({
              ":one": 1,
              ":limit": priority === "first" ? perSecond : laterLimit(share),
              ":expiresAt": second + KEPT_SECONDS,
            }),
          }),
        ),
      );
      if (!isTaken && priority === "first") crowdedUntil = second + CROWDED_SECONDS;
      return isTaken;
    },
  };
};
