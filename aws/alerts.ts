import { UpdateItemCommand } from "@aws-sdk/client-dynamodb";
import { HOUR_MS, SECOND_MS } from "../base/durations.ts";
import { alertRecord } from "../schemas/alert-record.ts";
import type { AlertRule } from "../schemas/alert-rule.ts";
import { defaultClient, toItem, unlessConditionFails, versionedRecords } from "./dynamodb.ts";

/** Each camera's latest alerts, in the table of that name. */
export const alertsTable = (tableName: string, client = defaultClient) =>
  versionedRecords(alertRecord, { client, tableName, key: "cameraId" });

/** How many alerts each rule has raised in each hour of the clock, in the table of that name. */
export const alertCounts = (tableName: string, client = defaultClient) => ({
  /**
   * Takes one alert of the rule's in the hour. The same alert takes it once.
   * @returns whether it is within the rule's `maxPerHour`
   */
  take: ({ ruleId, maxPerHour }: AlertRule, alertId: string, nowMs: number): Promise<boolean> => {
    const hourMs = Math.floor(nowMs / HOUR_MS) * HOUR_MS;
    return unlessConditionFails(() =>
      client.send(
        new UpdateItemCommand({
          TableName: tableName,
          Key: toItem({ ruleHour: `${ruleId}/${new Date(hourMs).toISOString().slice(0, 13)}` }),
          UpdateExpression: "ADD alerts :alerts SET expiresAt = :expiresAt",
          ConditionExpression:
            "attribute_not_exists(alerts) OR contains(alerts, :alert) OR size(alerts) < :maxPerHour",
          ExpressionAttributeValues: toItem({
            ":alerts": new Set([alertId]),
            ":alert": alertId,
            ":maxPerHour": maxPerHour,
            ":expiresAt": (hourMs + 2 * HOUR_MS) / SECOND_MS,
          }),
        }),
      ),
    );
  },
});
