import { DeleteItemCommand, GetItemCommand, paginateQuery, PutItemCommand } from "@aws-sdk/client-dynamodb";
import * as v from "valibot";
import { DAY_MS } from "../base/durations.ts";
import { alertRule, type AlertRule } from "../schemas/alert-rule.ts";
import { alertTarget, type AlertTarget } from "../schemas/alert-target.ts";
import { alertTest, type AlertTest } from "../schemas/alert-test.ts";
import { snooze, type Snooze, type Snoozed } from "../schemas/snooze.ts";
import { defaultClient, fromItem, toItem, unlessConditionFails } from "./dynamodb.ts";

type Kind = "rule" | "target" | "snooze" | "test";

const MILLISECONDS_PER_SECOND = 1000;

/** How long the outcome of a test message is kept. */
const TEST_MS = DAY_MS;

/** Rules, targets and snoozes of alerts, in the table of that name. Reads are strongly consistent: a change counts at once. */
export const alertSettingsTable = (tableName: string, client = defaultClient) => {
  const list = async (kind: Kind): Promise<unknown[]> => {
    const found: unknown[] = [];
    for await (const { Items = [] } of paginateQuery(
      { client },
      {
        TableName: tableName,
        KeyConditionExpression: "#kind = :kind",
        ExpressionAttributeNames: { "#kind": "kind" },
        ExpressionAttributeValues: toItem({ ":kind": kind }),
        ConsistentRead: true,
      },
    ))
      found.push(...Items.map((item) => fromItem(item)["setting"] as unknown));
    return found;
  };

  const find = async (kind: Kind, id: string): Promise<unknown> => {
    const { Item } = await client.send(
      new GetItemCommand({ TableName: tableName, Key: toItem({ kind, id }), ConsistentRead: true }),
    );
    return Item && (fromItem(Item)["setting"] as unknown);
  };

  const put = async (kind: Kind, id: string, setting: unknown, expiresAtMs?: number): Promise<void> => {
    const expiresAt = expiresAtMs === undefined ? {} : { expiresAt: toSeconds(expiresAtMs) };
    await client.send(
      new PutItemCommand({ TableName: tableName, Item: toItem({ kind, id, setting, ...expiresAt }) }),
    );
  };

  /** @returns false when there is none */
  const remove = async (kind: Kind, id: string): Promise<boolean> => {
    const { Attributes } = await client.send(
      new DeleteItemCommand({ TableName: tableName, Key: toItem({ kind, id }), ReturnValues: "ALL_OLD" }),
    );
    return Attributes !== undefined;
  };

  return {
    /** All rules, in the order of their ids. @throws ValiError for a record that is not a rule's */
    rules: async (): Promise<AlertRule[]> => (await list("rule")).map((one) => v.parse(alertRule, one)),

    async findRule(ruleId: string): Promise<AlertRule | undefined> {
      const found = await find("rule", ruleId);
      return found === undefined ? undefined : v.parse(alertRule, found);
    },

    putRule: (rule: AlertRule): Promise<void> => put("rule", rule.ruleId, v.parse(alertRule, rule)),

    removeRule: (ruleId: string): Promise<boolean> => remove("rule", ruleId),

    /** All targets, in the order of their ids. @throws ValiError for a record that is not a target's */
    targets: async (): Promise<AlertTarget[]> =>
      (await list("target")).map((one) => v.parse(alertTarget, one)),

    async findTarget(targetId: string): Promise<AlertTarget | undefined> {
      const found = await find("target", targetId);
      return found === undefined ? undefined : v.parse(alertTarget, found);
    },

    putTarget: (target: AlertTarget): Promise<void> =>
      put("target", target.targetId, v.parse(alertTarget, target)),

    /** Sends nothing more to a target, unless it has another URL or secret by now. */
    async disableTarget(target: AlertTarget, reason: string): Promise<void> {
      const key = { kind: "target", id: target.targetId };
      await unlessConditionFails(() =>
        client.send(
          new PutItemCommand({
            TableName: tableName,
            Item: toItem({ ...key, setting: { ...target, disabled: reason } }),
            ConditionExpression: "setting.#url = :url AND setting.secretVersion = :version",
            ExpressionAttributeNames: { "#url": "url" },
            ExpressionAttributeValues: toItem({ ":url": target.url, ":version": target.secretVersion }),
          }),
        ),
      );
    },

    removeTarget: (targetId: string): Promise<boolean> => remove("target", targetId),

    /** What is snoozed at a time. DynamoDB deletes the others days later (documented: TTL). */
    async snoozes(nowMs: number): Promise<Snooze[]> {
      return (await list("snooze"))
        .map((one) => v.parse(snooze, one))
        .filter(({ untilMs }) => nowMs < untilMs);
    },

    /** The snooze of a camera or a rule, which may be over. */
    async findSnooze(of: Snoozed): Promise<Snooze | undefined> {
      const found = await find("snooze", idOf(of));
      return found === undefined ? undefined : v.parse(snooze, found);
    },

    /** Snoozes a camera or a rule until a time, in place of what was set before. */
    snooze: (of: Snoozed, untilMs: number): Promise<void> =>
      put("snooze", idOf(of), v.parse(snooze, { of, untilMs }), untilMs),

    /** @returns false when it is not snoozed */
    wake: (of: Snoozed): Promise<boolean> => remove("snooze", idOf(of)),

    /** Enters what became of the latest attempt to send a test message. @param eventId of its detail */
    putTest: (eventId: string, test: AlertTest): Promise<void> =>
      put("test", eventId, v.parse(alertTest, test), test.atMs + TEST_MS),

    async findTest(eventId: string): Promise<AlertTest | undefined> {
      const found = await find("test", eventId);
      return found === undefined ? undefined : v.parse(alertTest, found);
    },
  };
};

/** A camera and a rule may have the same id. */
const idOf = ({ kind, id }: Snoozed): string => `${kind}/${id}`;

const toSeconds = (epochMs: number): number => Math.ceil(epochMs / MILLISECONDS_PER_SECOND);
