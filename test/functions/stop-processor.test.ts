import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, beforeEach, expect, test } from "@jest/globals";
import type { SQSEvent } from "aws-lambda";
import { close } from "../../local/endpoint.ts";

/** Answers as Rekognition does, by the processor's name, and keeps which were to be stopped. */
const asked: string[] = [];
let server: Server;
let handler: typeof import("../../functions/stop-processor.ts").handler;

const ERRORS: Record<string, string> = {
  throttled: "ProvisionedThroughputExceededException",
  denied: "AccessDeniedException",
  resting: "ResourceInUseException",
  unknown: "ResourceNotFoundException",
};

beforeAll(async () => {
  server = createServer((request, response) => {
    let body = "";
    request.on("data", (chunk) => (body += String(chunk)));
    request.on("end", () => {
      const { Name } = JSON.parse(body) as { Name: string };
      asked.push(Name);
      const error = ERRORS[Name];
      response.writeHead(error ? 400 : 200, { "content-type": "application/x-amz-json-1.1" });
      response.end(JSON.stringify(error ? { __type: error, message: "no" } : {}));
    });
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  Object.assign(process.env, {
    AWS_ENDPOINT_URL: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    AWS_REGION: "us-east-1",
    AWS_ACCESS_KEY_ID: "tester",
    AWS_SECRET_ACCESS_KEY: "tester",
    POWERTOOLS_LOG_LEVEL: "SILENT",
  });
  ({ handler } = await import("../../functions/stop-processor.ts"));
});
afterAll(() => close(server));
beforeEach(() => void asked.splice(0));

const eventOf = (...bodies: string[]) =>
  ({ Records: bodies.map((body, index) => ({ messageId: `message-${index + 1}`, body })) }) as SQSEvent;
const stopOf = (processorName: string) => JSON.stringify({ processorName });

test("a stop is done a second later at the earliest, so that the next one keeps Rekognition's rate", async () => {
  const beganAt = performance.now();
  expect(await handler(eventOf(stopOf("porch")))).toEqual({ batchItemFailures: [] });
  // Timers may fire a millisecond early.
  expect(performance.now() - beganAt).toBeGreaterThanOrEqual(999);
  expect(asked).toEqual(["porch"]);
});

test.each(["resting", "unknown"])("a stop of a processor that is %s is done", async (name) => {
  expect(await handler(eventOf(stopOf(name)))).toEqual({ batchItemFailures: [] });
  expect(asked).toEqual([name]);
});

test.each(["throttled", "denied"])(
  "a stop that is %s comes again, and those after it do not overtake it",
  async (name) => {
    expect(await handler(eventOf(stopOf(name), stopOf("porch")))).toEqual({
      batchItemFailures: [{ itemIdentifier: "message-1" }, { itemIdentifier: "message-2" }],
    });
    expect(asked).toEqual([name]);
  },
);

test.each(["no JSON", "{}", '{"processorName":7}'])(
  "a message that names no processor (%s) is kept for the dead letters, and nothing is stopped",
  async (body) => {
    expect(await handler(eventOf(body))).toEqual({ batchItemFailures: [{ itemIdentifier: "message-1" }] });
    expect(asked).toEqual([]);
  },
);
