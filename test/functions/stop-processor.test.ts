import type { RequestListener } from "node:http";
import { beforeAll, beforeEach, expect, test } from "@jest/globals";
import type { SQSEvent } from "aws-lambda";
import { TurnableClock } from "../../base/clock.ts";
import { answerForAws } from "./endpoint.ts";

/** Responds as Rekognition does, by the processor's name, and keeps the names. */
const stopped: string[] = [];
let stopProcessors: typeof import("../../functions/stop-processor.ts").stopProcessors;
/** Stands still, so that only a turn ends the pause after a stop. */
const clock = new TurnableClock(0);

const ERRORS: Record<string, string> = {
  throttled: "ProvisionedThroughputExceededException",
  denied: "AccessDeniedException",
  idle: "ResourceInUseException",
  unknown: "ResourceNotFoundException",
};

beforeAll(async () => {
  const listener: RequestListener = (request, response) => {
    let body = "";
    request.on("data", (chunk) => (body += String(chunk)));
    request.on("end", () => {
      const { Name } = JSON.parse(body) as { Name: string };
      stopped.push(Name);
      const error = ERRORS[Name];
      response.writeHead(error ? 400 : 200, { "content-type": "application/x-amz-json-1.1" });
      response.end(JSON.stringify(error ? { __type: error, message: "no" } : {}));
    });
  };
  await answerForAws(listener);
  ({ stopProcessors } = await import("../../functions/stop-processor.ts"));
});
beforeEach(() => void stopped.splice(0));

const eventOf = (...bodies: string[]) =>
  ({ Records: bodies.map((body, index) => ({ messageId: `message-${index + 1}`, body })) }) as SQSEvent;
/** Long enough for a request to the endpoint and its response to make progress. */
const nextTick = () => new Promise((resolve) => setImmediate(resolve));
const stopOf = (processorName: string) => JSON.stringify({ processorName });

/** The function's result for these messages, with the pause after each turned. */
async function handled(...bodies: string[]) {
  let isDone = false;
  const handling = stopProcessors(clock)(eventOf(...bodies)).finally(() => (isDone = true));
  while (!isDone) {
    await nextTick();
    if (clock.nextDueMs !== undefined) clock.turn(clock.nextDueMs - clock.now());
  }
  return await handling;
}

test("a stop is handled exactly a second later, so that the next one keeps Rekognition's rate", async () => {
  let result: unknown;
  const handling = stopProcessors(clock)(eventOf(stopOf("porch"))).then((value) => (result = value));
  while (clock.nextDueMs === undefined) await nextTick();
  expect(stopped).toEqual(["porch"]);
  clock.turn(999);
  await nextTick();
  expect(result).toBeUndefined();
  clock.turn(1);
  await handling;
  expect(result).toEqual({ batchItemFailures: [] });
});

test("stops of one event are a second apart", async () => {
  const beganAtMs = clock.now();
  expect(await handled(stopOf("porch"), stopOf("gate"))).toEqual({ batchItemFailures: [] });
  expect([stopped, clock.now() - beganAtMs]).toEqual([["porch", "gate"], 2000]);
});

test.each(["idle", "unknown"])("a stop of a processor that is %s is handled", async (name) => {
  expect(await handled(stopOf(name))).toEqual({ batchItemFailures: [] });
  expect(stopped).toEqual([name]);
});

test.each(["throttled", "denied"])(
  "a stop that is %s is received again, and those after it do not overtake it",
  async (name) => {
    expect(await handled(stopOf(name), stopOf("porch"))).toEqual({
      batchItemFailures: [{ itemIdentifier: "message-1" }, { itemIdentifier: "message-2" }],
    });
    expect(stopped).toEqual([name]);
  },
);

test.each(["no JSON", "{}", '{"processorName":7}'])(
  "a message that names no processor (%s) is kept for the dead letters, and nothing is stopped",
  async (body) => {
    expect(await handled(body)).toEqual({ batchItemFailures: [{ itemIdentifier: "message-1" }] });
    expect(stopped).toEqual([]);
  },
);
