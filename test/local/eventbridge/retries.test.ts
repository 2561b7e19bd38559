import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { EventBridgeClient, PutEventsCommand } from "@aws-sdk/client-eventbridge";
import { ReceiveMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { afterAll, beforeEach, afterEach, expect, test } from "@jest/globals";
import type { Service } from "../../../local/service.ts";
import { AwsError } from "../../../local/errors.ts";
import { eventbridge } from "../../../local/eventbridge/index.ts";
import { startTestCloud, type TestCloud } from "../cloud.ts";
import { allowSendMessage } from "../template-parts.ts";

const dataFolder = mkdtempSync(join(tmpdir(), "doorstep-retries-"));
const FUNCTION_ARN = "arn:aws:lambda:us-east-1:000000000000:function:flaky";

let isUp = false;
let invoked = 0;

/** A substitute for AWS Lambda that is down until the test brings it up. */
const flakyLambda: Service = {
  name: "flaky-lambda",
  start: () => ({
    apis: [
      {
        signingName: "lambda",
        protocol: "rest-json",
        actions: ["Invoke"],
        handle: async (call) => {
          if (!isUp) throw new AwsError("ServiceException", "down", 500);
          invoked++;
          call.response.writeHead(202).end();
        },
      },
    ],
  }),
};

const template = {
  Resources: {
    Dead: { Type: "AWS::SQS::Queue", Properties: { QueueName: "dead" } },
    Rule: {
      Type: "AWS::Events::Rule",
      Properties: {
        Name: "flaky",
        EventPattern: { source: ["porch"] },
        Targets: [
          {
            Id: "flaky",
            Arn: FUNCTION_ARN,
            RetryPolicy: { MaximumRetryAttempts: 2, MaximumEventAgeInSeconds: 3600 },
            DeadLetterConfig: { Arn: { "Fn::GetAtt": ["Dead", "Arn"] } },
          },
        ],
      },
    },
    DeadPolicy: allowSendMessage("Dead", "events.amazonaws.com"),
  },
};

let local: TestCloud;
const boot = () => startTestCloud({ services: [flakyLambda, eventbridge], template, dataFolder });
beforeEach(async () => {
  isUp = false;
  invoked = 0;
  local = await boot();
});
afterEach(() => local.stop());
afterAll(() => rmSync(dataFolder, { recursive: true }));

const put = () =>
  local
    .client(EventBridgeClient)
    .send(new PutEventsCommand({ Entries: [{ Source: "porch", DetailType: "Motion", Detail: "{}" }] }));
const retryPlanned = (retries: number) =>
  local.cloud.events.waitFor(
    ({ name, detail }) => name === "delivery-retried" && detail["retries"] === retries,
  );

test("an event is retried with backoff until the target accepts it", async () => {
  await put();
  await retryPlanned(1);
  isUp = true;
  local.clock.turn(1000);
  await local.cloud.events.waitFor(({ service, name }) => service === "eventbridge" && name === "delivered");
  expect(invoked).toBe(1);
});

test("an event whose retries are used up goes to the dead-letter queue with the reason", async () => {
  await put();
  await retryPlanned(1);
  local.clock.turn(1000);
  await retryPlanned(2);
  local.clock.turn(2000);
  const { Messages } = await local.client(SQSClient).send(
    new ReceiveMessageCommand({
      QueueUrl: local.resources.get("Dead")!.ref,
      MessageAttributeNames: ["All"],
      WaitTimeSeconds: 10,
    }),
  );
  const { MessageAttributes, Body } = Messages![0]!;
  expect(JSON.parse(Body!)).toMatchObject({ source: "porch", "detail-type": "Motion" });
  expect(MessageAttributes).toMatchObject({
    ERROR_CODE: { StringValue: "ERROR_FROM_TARGET" },
    EXHAUSTED_RETRY_CONDITION: { StringValue: "MaximumRetryAttempts" },
    RETRY_ATTEMPTS: { StringValue: "2" },
  });
});

test("an event that waits for its retry survives a restart", async () => {
  await put();
  await retryPlanned(1);
  await local.stop();
  isUp = true;
  local = await boot();
  local.clock.turn(1000);
  await local.cloud.events.waitFor(({ service, name }) => service === "eventbridge" && name === "delivered");
  expect(invoked).toBe(1);
});
