import {
  BatchGetItemCommand,
  BatchWriteItemCommand,
  DeleteItemCommand,
  DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  ScanCommand,
  UpdateItemCommand,
} from "@aws-sdk/client-dynamodb";
import { afterAll, beforeAll, describe, expect, jest, test } from "@jest/globals";
import { dynamodb } from "../../local/dynamodb/index.ts";
import { levelIterators } from "../../local/dynamodb/iterators.ts";
import { startTestCloud, type TestCloud } from "./cloud.ts";
import { ownersRole, thingsTable } from "./template-parts.ts";

const WRITES = 50;

test("stop waits for the writes in progress", async () => {
  const local = await startTestCloud({
    services: [dynamodb],
    template: {
      Resources: {
        Table: thingsTable,
      },
    },
  });
  const client = local.client(DynamoDBClient);
  const put = (id: string) =>
    client.send(new PutItemCommand({ TableName: "things", Item: { id: { S: id } } }));
  await put("first");
  const writes = Array.from({ length: WRITES }, (_, index) => put(String(index)));
  // When one of them has a response, the others are in progress.
  await Promise.race(writes);
  await expect(local.stop()).resolves.toBeUndefined();
  client.destroy();
  await Promise.allSettled(writes);
});

test("a query and a scan leave no iterator open, which would keep what the database had when they began", async () => {
  const local = await startTestCloud({
    services: [dynamodb],
    template: { Resources: { Table: thingsTable } },
  });
  const client = local.client(DynamoDBClient);
  for (const id of ["a", "b", "c"])
    await client.send(new PutItemCommand({ TableName: "things", Item: { id: { S: id } } }));
  const close = jest.spyOn(levelIterators(), "close");
  const query = {
    TableName: "things",
    KeyConditionExpression: "id = :id",
    ExpressionAttributeValues: { ":id": { S: "a" } },
  };
  expect(await client.send(new QueryCommand(query))).toMatchObject({ Count: 1 });
  expect(await client.send(new ScanCommand({ TableName: "things", Limit: 1 }))).toMatchObject({ Count: 1 });
  // Each has one that reads entries, and one over it that returns their values.
  expect(new Set(close.mock.contexts).size).toBe(4);
  close.mockRestore();
  await local.stop();
});

describe("a role that a condition limits to some partition keys", () => {
  let local: TestCloud;
  let client: DynamoDBClient;
  const TableName = "settings";
  const role = ownersRole("snoozer", ["dynamodb:*"]);
  const [policy] = role.Properties.Policies;
  const Condition = { "ForAllValues:StringEquals": { "dynamodb:LeadingKeys": ["snooze"] } };

  beforeAll(async () => {
    local = await startTestCloud({
      services: [dynamodb],
      template: {
        Resources: {
          Table: {
            Type: "AWS::DynamoDB::Table",
            Properties: {
              TableName,
              AttributeDefinitions: [
                { AttributeName: "id", AttributeType: "S" },
                { AttributeName: "kind", AttributeType: "S" },
              ],
              // The partition key is the one with the type HASH, wherever it stands.
              KeySchema: [
                { AttributeName: "kind", KeyType: "HASH" },
                { AttributeName: "id", KeyType: "RANGE" },
              ],
              BillingMode: "PAY_PER_REQUEST",
            },
          },
          Role: {
            ...role,
            Properties: {
              ...role.Properties,
              Policies: [
                {
                  ...policy,
                  PolicyDocument: { Statement: { ...policy!.PolicyDocument.Statement, Condition } },
                },
              ],
            },
          },
        },
      },
    });
    client = new DynamoDBClient({ ...(await local.configOf("Role")), maxAttempts: 1 });
  });
  afterAll(async () => {
    client.destroy();
    await local.stop();
  });

  const key = (kind: string) => ({ kind: { S: kind }, id: { S: "snooze" } });
  const query = (expression: string, values: Record<string, { S: string }>) => ({
    TableName,
    KeyConditionExpression: expression,
    ExpressionAttributeNames: expression.includes("#kind") ? { "#kind": "kind" } : undefined,
    ExpressionAttributeValues: values,
  });
  const calls: Record<string, (kind: string) => Promise<unknown>> = {
    PutItem: (kind) => client.send(new PutItemCommand({ TableName, Item: key(kind) })),
    GetItem: (kind) => client.send(new GetItemCommand({ TableName, Key: key(kind) })),
    UpdateItem: (kind) => client.send(new UpdateItemCommand({ TableName, Key: key(kind) })),
    DeleteItem: (kind) => client.send(new DeleteItemCommand({ TableName, Key: key(kind) })),
    Query: (kind) => client.send(new QueryCommand(query("#kind = :kind", { ":kind": { S: kind } }))),
    "Query with a sort key": (kind) =>
      client.send(
        new QueryCommand(query("id = :id AND kind=:kind", { ":id": { S: "snooze" }, ":kind": { S: kind } })),
      ),
    "Query by KeyConditions": (kind) =>
      client.send(
        new QueryCommand({
          TableName,
          KeyConditions: { kind: { ComparisonOperator: "EQ", AttributeValueList: [{ S: kind }] } },
        }),
      ),
    BatchGetItem: (kind) =>
      client.send(
        new BatchGetItemCommand({
          RequestItems: { [TableName]: { Keys: [key(kind), { ...key("snooze"), id: { S: "other" } }] } },
        }),
      ),
    BatchWriteItem: (kind) =>
      client.send(
        new BatchWriteItemCommand({
          RequestItems: {
            [TableName]: [
              { PutRequest: { Item: key(kind) } },
              { DeleteRequest: { Key: { ...key("snooze"), id: { S: "other" } } } },
            ],
          },
        }),
      ),
  };

  test.each(Object.keys(calls))("may %s an item with such a key, and no other", async (name) => {
    await expect(calls[name]!("snooze").catch((error: unknown) => error)).resolves.not.toBeInstanceOf(Error);
    await expect(calls[name]!("rule")).rejects.toMatchObject({
      name: "AccessDeniedException",
      message: expect.stringContaining("is not authorized to perform: dynamodb:") as unknown,
    });
  });
});

test("a set takes an id again, and no more ids than its condition allows", async () => {
  const local = await startTestCloud({
    services: [dynamodb],
    template: {
      Resources: {
        Counts: {
          Type: "AWS::DynamoDB::Table",
          Properties: {
            TableName: "counts",
            AttributeDefinitions: [{ AttributeName: "ruleHour", AttributeType: "S" }],
            KeySchema: [{ AttributeName: "ruleHour", KeyType: "HASH" }],
            TimeToLiveSpecification: { AttributeName: "expiresAt", Enabled: true },
            BillingMode: "PAY_PER_REQUEST",
          },
        },
      },
    },
  });
  const client = local.client(DynamoDBClient);
  const counted = { TableName: "counts", Key: { ruleHour: { S: "porch/2026-11-30T10" } } };
  const add = (id: string) =>
    client.send(
      new UpdateItemCommand({
        ...counted,
        UpdateExpression: "ADD alerts :ids SET expiresAt = :expiresAt",
        ConditionExpression: "contains(alerts, :id) OR attribute_not_exists(alerts) OR size(alerts) < :max",
        ExpressionAttributeValues: {
          ":ids": { SS: [id] },
          ":id": { S: id },
          ":max": { N: "3" },
          ":expiresAt": { N: "1796040000" },
        },
      }),
    );
  for (const id of ["a", "b", "a", "c", "c"]) await add(id);
  await expect(add("d")).rejects.toMatchObject({ name: "ConditionalCheckFailedException" });
  await add("b");
  const { Item } = await client.send(new GetItemCommand(counted));
  expect(Item!["alerts"]!.SS!.toSorted()).toEqual(["a", "b", "c"]);
  expect(Item!["expiresAt"]).toEqual({ N: "1796040000" });
  await local.stop();
});
