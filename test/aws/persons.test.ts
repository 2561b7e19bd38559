import { DynamoDBClient, PutItemCommand } from "@aws-sdk/client-dynamodb";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { personsTable } from "../../aws/persons.ts";
import { dynamodb } from "../../local/dynamodb/index.ts";
import type { ForgottenPerson, Person } from "../../schemas/person.ts";
import { startTestCloud, type TestCloud } from "../local/cloud.ts";

let local: TestCloud;
let persons: ReturnType<typeof personsTable>;
beforeAll(async () => {
  local = await startTestCloud({
    services: [dynamodb],
    template: {
      Resources: {
        Persons: {
          Type: "AWS::DynamoDB::Table",
          Properties: {
            TableName: "persons",
            AttributeDefinitions: [{ AttributeName: "personId", AttributeType: "S" }],
            KeySchema: [{ AttributeName: "personId", KeyType: "HASH" }],
            BillingMode: "PAY_PER_REQUEST",
          },
        },
      },
    },
  });
  persons = personsTable("persons", local.client(DynamoDBClient));
});
afterAll(() => local.stop());

const idOf = (index: number): string => `person-${index.toString(16).padStart(20, "0")}`;
const person = (index: number, changes: Partial<Person> = {}): Person => ({
  personId: idOf(index),
  version: 1,
  name: "Ada",
  consent: { givenBy: "Ada", givenAtMs: 1000, wording: "2026-11", expiresAtMs: 2000 },
  createdAtMs: 1000,
  ...changes,
});

const forgotten = (index: number): ForgottenPerson => ({
  personId: idOf(index),
  version: 1,
  forgottenAtMs: 1500,
  reason: "requested",
  step: "collection",
  ids: [idOf(index)],
  removed: { faces: 0, users: 0, rows: 0, files: 0, errorLines: 0 },
});

test("a person is found as written, and a next version replaces exactly the one before", async () => {
  expect(await persons.find(idOf(1))).toBeUndefined();
  expect(await persons.put(person(1))).toBe(true);
  expect(await persons.put(person(1, { name: "Eve" }))).toBe(false);
  expect(await persons.find(idOf(1))).toEqual(person(1));
  expect(await persons.put({ ...forgotten(1), version: 2 })).toBe(true);
  expect(await persons.put(person(1, { version: 2, lastSeenAtMs: 1600 }))).toBe(false);
  expect(await persons.find(idOf(1))).toEqual({ ...forgotten(1), version: 2 });
});

test("all records are listed, by as many pages as there are", async () => {
  // More than a page of 1 MB.
  const ids = Array.from({ length: 3000 }, (_, index) => idOf(index));
  const many = Array.from({ length: 20 }, (_, index) => ({ ...forgotten(100 + index), ids }));
  await Promise.all(many.map((one) => persons.put(one)));
  const found = await persons.list();
  expect(found.filter(({ personId }) => personId >= idOf(100))).toEqual(many);
});

test("a record that is none of a person is an error, not a person without a name", async () => {
  await local.client(DynamoDBClient).send(
    new PutItemCommand({
      TableName: "persons",
      Item: { personId: { S: idOf(9999) }, version: { N: "1" } },
    }),
  );
  await expect(persons.find(idOf(9999))).rejects.toThrow();
});
