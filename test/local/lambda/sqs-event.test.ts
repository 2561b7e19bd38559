import { expect, test } from "@jest/globals";
import { failedIds } from "../../../local/lambda/sqs-event.ts";

const IDS = ["a", "b", "c"];

test.each([
  ["null", []],
  ["{}", []],
  ['{"batchItemFailures":[]}', []],
  ['{"batchItemFailures":null}', []],
  ['{"batchItemFailures":[{"itemIdentifier":"b"}]}', ["b"]],
])("of a batch a, b, c, the reply %s fails %j", (reply, failed) => {
  expect(failedIds(reply, IDS)).toEqual(failed);
});

test.each([
  ['{"batchItemFailures":[{"itemIdentifier":""}]}'],
  ['{"batchItemFailures":[{"itemIdentifier":null}]}'],
  ['{"batchItemFailures":[{"id":"a"}]}'],
  ['{"batchItemFailures":[{"itemIdentifier":"elsewhere"}]}'],
  ['{"batchItemFailures":"a"}'],
  ['{"batchItemFailures":[null]}'],
])("the malformed reply %s fails the whole batch", (reply) => {
  expect(failedIds(reply, IDS)).toEqual(["a", "b", "c"]);
});
