import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { ReceiveMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { afterEach, describe, expect, test } from "@jest/globals";
import type { CloudEvent } from "../../../local/events.ts";
import type { TestCloud } from "../cloud.ts";
import { arnOf, invoke, startFunctions, type FunctionOptions } from "./functions.ts";

let local: TestCloud;
afterEach(() => local.stop());

const FAILING = `export const handler = async ({ fail }) => { console.log("at", Date.now()); if (fail !== false) throw new Error("no luck"); return "well"; };`;

const destination = (settings: object = {}) => ({
  Failures: { Type: "AWS::SQS::Queue", Properties: { QueueName: "failures" } },
  Settings: {
    Type: "AWS::Lambda::EventInvokeConfig",
    Properties: {
      FunctionName: { Ref: "job" },
      Qualifier: "$LATEST",
      DestinationConfig: { OnFailure: { Destination: { "Fn::GetAtt": ["Failures", "Arn"] } } },
      ...settings,
    },
  },
});

const maySend: FunctionOptions = {
  statements: [{ Effect: "Allow", Action: "sqs:SendMessage", Resource: "*" }],
};

const send = async (event: unknown): Promise<string> => {
  const { StatusCode, $metadata } = await local
    .client(LambdaClient)
    .send(
      new InvokeCommand({ FunctionName: "job", InvocationType: "Event", Payload: JSON.stringify(event) }),
    );
  expect(StatusCode).toBe(202);
  return $metadata.requestId!;
};

const isAttempt = (attempts: number) => (event: CloudEvent) =>
  event.name === "event-failed" && event.detail["attempts"] === attempts;

/** Waits for the attempt, then turns the clock half way, and then all the way to the next. */
async function afterAttempt(attempt: number, delayMs: number): Promise<void> {
  await local.cloud.events.waitFor(isAttempt(attempt));
  local.clock.turn(delayMs / 2);
  local.clock.turn(delayMs / 2);
}

/** Whole seconds between the function's runs, by its own clock. */
async function gapsOf(runs: number): Promise<number[]> {
  const lines = () =>
    local.cloud.events
      .matching(({ name }) => name === "log")
      .map(({ detail }) => /^at (\d+)$/.exec(String(detail["line"]))?.[1])
      .filter((one) => one !== undefined)
      .map(Number);
  await local.cloud.events.waitFor(() => lines().length === runs);
  const times = lines();
  return times.slice(1).map((time, index) => Math.floor((time - times[index]!) / 1000));
}

const failures = async () => {
  const { Messages = [] } = await local
    .client(SQSClient)
    .send(new ReceiveMessageCommand({ QueueUrl: local.resources.get("Failures")!.ref, WaitTimeSeconds: 5 }));
  return Messages.map(({ Body }) => JSON.parse(Body!));
};

describe("an event", () => {
  test("gets a 202 at once, and is handled once when the function succeeds", async () => {
    local = await startFunctions({ job: FAILING });
    await send({ fail: false });
    const { detail } = await local.cloud.events.waitFor(({ name }) => name === "event-handled");
    expect(detail).toEqual({ function: "job", attempts: 1, payload: '"well"' });
  });

  test("is retried after one and then two minutes, and then goes to the failure destination", async () => {
    local = await startFunctions({ job: FAILING }, { job: maySend }, destination());
    const requestId = await send({ n: 7 });
    await afterAttempt(1, 60_000);
    await afterAttempt(2, 120_000);
    await local.cloud.events.waitFor(isAttempt(3));
    expect(await gapsOf(3)).toEqual([60, 120]);
    expect(await failures()).toEqual([
      {
        version: "1.0",
        timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
        requestContext: {
          requestId,
          functionArn: `${arnOf("job")}:$LATEST`,
          condition: "RetriesExhausted",
          approximateInvokeCount: 3,
        },
        requestPayload: { n: 7 },
        responseContext: { statusCode: 200, executedVersion: "$LATEST", functionError: "Unhandled" },
        responsePayload: { errorType: "Error", errorMessage: "no luck", trace: expect.any(Array) },
      },
    ]);
  });

  test("is retried as often as its function's settings allow", async () => {
    local = await startFunctions(
      { job: FAILING },
      { job: maySend },
      destination({ MaximumRetryAttempts: 0 }),
    );
    await send({});
    await local.cloud.events.waitFor(isAttempt(1));
    expect(await failures()).toMatchObject([
      { requestContext: { condition: "RetriesExhausted", approximateInvokeCount: 1 } },
    ]);
  });

  test("is given up once it would be too old", async () => {
    local = await startFunctions(
      { job: FAILING },
      { job: maySend },
      destination({ MaximumEventAgeInSeconds: 100 }),
    );
    await send({});
    await afterAttempt(1, 60_000);
    await local.cloud.events.waitFor(isAttempt(2));
    expect(await failures()).toMatchObject([
      { requestContext: { condition: "EventAgeExceeded", approximateInvokeCount: 2 } },
    ]);
  });

  test("is not sent to a destination that the function's role may not send to, and an event says so", async () => {
    local = await startFunctions({ job: FAILING }, {}, destination({ MaximumRetryAttempts: 0 }));
    await send({});
    const { detail } = await local.cloud.events.waitFor(({ name }) => name === "destination-failed");
    expect(detail["error"]).toMatch(/job-role\/lambda is not authorized to perform: sqs:SendMessage/);
  });

  test("that waits for its retry or is in progress survives a restart", async () => {
    const folder = mkdtempSync(join(tmpdir(), "doorstep-lambda-"));
    const job = `export const handler = async ({ name, hang }) => {
      if (hang && !process.env.AGAIN) { console.log("hanging"); await new Promise(() => setInterval(() => {}, 1000)); }
      if (!process.env.AGAIN) throw new Error("not yet"); return name; };`;
    const settings = (Variables: object) => ({
      job: { properties: { Timeout: 900, Environment: { Variables } } },
    });
    local = await startFunctions({ job }, settings({}), {}, folder);
    await send({ name: "waits" });
    await local.cloud.events.waitFor(isAttempt(1));
    await send({ name: "hangs", hang: true });
    await local.cloud.events.waitFor(({ detail }) => detail["line"] === "hanging");
    const stoppedAt = performance.now();
    await local.stop();
    expect(performance.now() - stoppedAt).toBeLessThan(1000);

    local = await startFunctions({ job }, settings({ AGAIN: "1" }), {}, folder);
    local.clock.turn(60_000);
    const handled = () => local.cloud.events.matching(({ name }) => name === "event-handled");
    await local.cloud.events.waitFor(() => handled().length === 2);
    expect(handled().map(({ detail }) => [detail["payload"], detail["attempts"]])).toEqual(
      expect.arrayContaining([
        ['"waits"', 2],
        ['"hangs"', 1],
      ]),
    );
    rmSync(folder, { recursive: true });
  });
});

test("stopping ends invocations that run or wait for a sandbox, and starts no sandbox", async () => {
  local = await startFunctions({
    job: `export const handler = async () => { console.log("running"); await new Promise(() => setInterval(() => {}, 1000)); };`,
  });
  const running = Array.from({ length: 6 }, () => invoke(local, "job").catch(() => "cut off"));
  const lines = () => local.cloud.events.matching(({ detail }) => detail["line"] === "running").length;
  await local.cloud.events.waitFor(() => lines() === 4);
  await local.stop();
  await Promise.all(running);
  expect(lines()).toBe(4);
});
