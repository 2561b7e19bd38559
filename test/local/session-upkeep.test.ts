import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { RekognitionClient, StartStreamProcessorCommand } from "@aws-sdk/client-rekognition";
import { SQSClient } from "@aws-sdk/client-sqs";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "@jest/globals";
import { stopQueue } from "../../aws/queues.ts";
import { sessionsTable } from "../../aws/sessions.ts";
import { idle } from "../../core/sessions/reduce.ts";
import { WAKE_SHARDS } from "../../schemas/session.ts";
import { startStack, type TestStack } from "./stack.ts";

const MINUTE_MS = 60_000;

let stack: TestStack;
beforeAll(async () => {
  stack = await startStack();
});
afterAll(() => stack.stop());

const logLines = () =>
  stack.local.cloud.events
    .matching(({ service, name }) => service === "lambda" && name === "log")
    .map(({ detail }) => String(detail["line"]));

const logged = async (pattern: RegExp) =>
  await stack.local.cloud.events.waitFor(
    ({ name, detail }) => name === "log" && pattern.test(String(detail["line"])),
  );

describe("the queue of processors to stop", () => {
  let rekognition: RekognitionClient;
  let queue: ReturnType<typeof stopQueue>;
  const stopped: { processor: string; atMs: number }[] = [];

  beforeAll(() => {
    rekognition = new RekognitionClient({ ...stack.config, maxAttempts: 1 });
    const sqs = new SQSClient(stack.config);
    queue = stopQueue(stack.local.stack.resources.get("StopQueue")!.ref, sqs);
    stack.local.cloud.events.subscribe(({ name, detail }) => {
      if (name !== "log") return;
      const [, processor] =
        /"message":"processor stopped".*"processorName":"([^"]+)"/.exec(String(detail["line"])) ?? [];
      if (processor) stopped.push({ processor, atMs: performance.now() });
    });
  });
  beforeEach(() => void stopped.splice(0));

  /** Registers a camera and starts its processor. @returns the processor's name */
  async function running(cameraId: string): Promise<string> {
    const { processorName } = await stack.journey.register(cameraId);
    await rekognition.send(
      new StartStreamProcessorCommand({
        Name: processorName,
        StartSelector: { KVSStreamStartSelector: { ProducerTimestamp: stack.clock.now() } },
        StopSelector: { MaxDurationInSeconds: 120 },
      }),
    );
    return processorName;
  }

  test("is processed in its order, one stop a second, however many wait", async () => {
    const names = [await running("first"), await running("second"), await running("third")];
    for (const [index, name] of names.entries()) await queue.add(name, `stop/order/${index}`);
    await logged(new RegExp(`processor stopped.*${names[2]}`));
    expect(stopped.map(({ processor }) => processor)).toEqual(names);
    const apartMs = stopped.slice(1).map(({ atMs }, index) => atMs - stopped[index]!.atMs);
    // Rekognition itself would have refused one that came earlier; log lines may arrive a little closer.
    for (const ms of apartMs) expect(ms).toBeGreaterThan(900);
    expect(logLines().filter((line) => line.includes("processor not stopped"))).toEqual([]);
  });

  test("stops once what is requested twice", async () => {
    const name = await running("twice");
    const last = await running("after-twice");
    await queue.add(name, "stop/twice/1");
    await queue.add(name, "stop/twice/1");
    await queue.add(last, "stop/after-twice/1");
    await logged(new RegExp(`processor stopped.*${last}`));
    expect(stopped.map(({ processor }) => processor)).toEqual([name, last]);
  });

  test("skips a processor that is not running and one that does not exist, and logs each", async () => {
    const { processorName } = await stack.journey.register("resting");
    const last = await running("after-resting");
    await queue.add(processorName, "stop/resting/1");
    await queue.add("doorstep-dev-camera-nowhere", "stop/nowhere/1");
    await queue.add(last, "stop/after-resting/1");
    await logged(new RegExp(`processor stopped.*${last}`));
    const lines = logLines();
    expect(
      lines.some((line) => line.includes("processor was not running") && line.includes(processorName)),
    ).toBe(true);
    expect(
      lines.some(
        (line) => line.includes("processor does not exist") && line.includes("doorstep-dev-camera-nowhere"),
      ),
    ).toBe(true);
  });
});

describe("the search for sessions that are due", () => {
  const CAMERAS = 40;
  const table = () =>
    sessionsTable(stack.journey.outputs.SessionsTableName, new DynamoDBClient(stack.config));
  const wakeSessions = async () => {
    const { FunctionError } = await new LambdaClient(stack.config).send(
      new InvokeCommand({ FunctionName: "doorstep-dev-wakeSessions", Payload: "{}" }),
    );
    expect(FunctionError).toBeUndefined();
  };
  /** A record of motion whose camera was removed: woken, it becomes a gap. */
  const forgotten = (cameraId: string, wakeAtMs: number) => ({
    ...idle(cameraId),
    version: 1,
    wanted: [{ fromMs: wakeAtMs - MINUTE_MS, untilMs: wakeAtMs - 1 }],
    wakeAtMs,
  });

  test("finds nothing if nothing is due, and wakes no session", async () => {
    const before = logLines().filter((line) => line.includes("sessions woken")).length;
    await wakeSessions();
    expect(logLines().filter((line) => line.includes("sessions woken"))).toHaveLength(before);
  });

  test("finds the due ones of a shard page by page, the longest overdue first, and no others", async () => {
    const nowMs = stack.clock.now();
    const sessions = table();
    const ids = Array.from({ length: CAMERAS }, (_, index) => `forgotten-${index}`);
    for (const [index, cameraId] of ids.entries())
      await sessions.put(forgotten(cameraId, nowMs - 1000 * (index + 1)));
    await sessions.put(forgotten("not-yet", nowMs + 60 * MINUTE_MS));
    const found: string[][][] = [];
    for (const shard of WAKE_SHARDS) {
      const pages: string[][] = [];
      for await (const page of sessions.due(shard, nowMs, 2)) pages.push(page);
      found.push(pages);
    }
    expect(found.flat(2).toSorted((a, b) => a.localeCompare(b))).toEqual(
      ids.toSorted((a, b) => a.localeCompare(b)),
    );
    expect(found.filter((pages) => pages.flat().length > 0).length).toBeGreaterThan(8);
    for (const pages of found) {
      expect(pages.every((page) => page.length <= 2)).toBe(true);
      const order = pages.flat().map((cameraId) => Number(cameraId.split("-")[1]));
      expect(order).toEqual(order.toSorted((a, b) => b - a));
    }
    expect(Math.max(...found.map((pages) => pages.length))).toBeGreaterThan(1);
  });

  test("wakes each of them once, and completes what was interrupted", async () => {
    await wakeSessions();
    const sessions = table();
    const isAtRest = async (index: number) => {
      const record = await sessions.find(`forgotten-${index}`);
      return record?.wakeAtMs === undefined && record?.outbox.length === 0;
    };
    const { events } = stack.local.cloud;
    const handled = () => events.matching(({ name }) => name === "batch-handled").length;
    for (let index = 0; index < CAMERAS;) {
      const seen = handled();
      if (await isAtRest(index)) index++;
      else await events.waitFor(() => handled() > seen);
    }
    expect(logLines().some((line) => line.includes("sessions woken") && line.includes('"woken":40'))).toBe(
      true,
    );
    expect(await sessions.find("not-yet")).toMatchObject({ version: 1 });
  });
});
