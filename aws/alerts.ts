import { DeleteItemCommand, GetItemCommand, UpdateItemCommand } from "@aws-sdk/client-dynamodb";
import * as v from "valibot";
import { HOUR_MS, SECOND_MS } from "../base/durations.ts";
import { alertRecord, type AlertRecord } from "../schemas/alert-record.ts";
import type { AlertRule } from "../schemas/alert-rule.ts";
import { defaultClient, fromItem, putNextVersion, toItem, unlessConditionFails } from "./dynamodb.ts";

/** Each camera's latest alerts, in the table of that name. A record changes only by conditional writes. */
export const alertsTable = (tableName: string, client = defaultClient) => ({
  /** The camera's record, strongly consistent. */
  async find(cameraId: string): Promise<AlertRecord | undefined> {
    const { Item } = await client.send(
      new GetItemCommand({ TableName: tableName, Key: toItem({ cameraId }), ConsistentRead: true }),
    );
    return Item && v.parse(alertRecord, fromItem(Item));
  },

  /**
   * Replaces exactly the version before.
   * @returns false when another writer was faster
   */
  async put(record: AlertRecord): Promise<boolean> {
    v.parse(alertRecord, record);
    return await putNextVersion(record, { client, tableName, key: "cameraId" });
  },

  /** Deletes the record, if there is one. */
  async remove(cameraId: string): Promise<void> {
    await client.send(new DeleteItemCommand({ TableName: tableName, Key: toItem({ cameraId }) }));
  },
});

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
