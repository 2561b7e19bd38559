import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { afterAll, beforeAll, beforeEach, expect, test } from "@jest/globals";
import { callLimit } from "../../aws/call-limit.ts";
import { TurnableClock } from "../../base/clock.ts";
import { dynamodb } from "../../local/dynamodb/index.ts";
import { startTestCloud, type TestCloud } from "../local/cloud.ts";

const Calls = {
  Type: "AWS::DynamoDB::Table",
  Properties: {
    TableName: "calls",
    BillingMode: "PAY_PER_REQUEST",
    AttributeDefinitions: [{ AttributeName: "second", AttributeType: "N" }],
    KeySchema: [{ AttributeName: "second", KeyType: "HASH" }],
  },
};

let local: TestCloud;
let clock: TurnableClock;
let hours = 0;
beforeAll(async () => {
  local = await startTestCloud({ services: [dynamodb], template: { Resources: { Calls } } });
});
afterAll(() => local.stop());
beforeEach(() => {
  clock = new TurnableClock(Date.parse("2026-11-30T12:00:00Z") + ++hours * 3_600_000);
});

const limitOf = (perSecond: number) => callLimit("calls", perSecond, clock, local.client(DynamoDBClient));

/** How many of so many calls at once are taken. */
async function takenOf(count: number, priority: "first" | "later", limit: ReturnType<typeof limitOf>) {
  const calls = Array.from({ length: count }, () => limit.takeCall(priority));
  return (await Promise.all(calls)).filter(Boolean).length;
}

test("a second has as many calls as the limit for all callers, and the next one has as many again", async () => {
  const [one, another] = [limitOf(5), limitOf(5)];
  expect(await takenOf(3, "first", one)).toBe(3);
  expect(await takenOf(4, "first", another)).toBe(2);
  clock.turn(1000);
  expect(await takenOf(7, "first", one)).toBe(5);
});

test("later calls leave a fifth of the limit to first ones", async () => {
  const limit = limitOf(5);
  expect(await takenOf(9, "later", limit)).toBe(4);
  expect(await takenOf(9, "first", limit)).toBe(1);
});

test("later calls leave four fifths of the limit to first ones for ten seconds after one of those was refused", async () => {
  const limit = limitOf(5);
  expect(await takenOf(6, "first", limit)).toBe(5);
  clock.turn(9000);
  expect([await takenOf(9, "later", limit), await takenOf(4, "first", limit)]).toEqual([1, 4]);
  clock.turn(1000);
  expect(await takenOf(9, "later", limit)).toBe(4);
});

test("later calls are not shut out by a limit of one", async () => {
  const limit = limitOf(1);
  expect(await takenOf(2, "first", limit)).toBe(1);
  clock.turn(1000);
  expect(await takenOf(2, "later", limit)).toBe(1);
});
