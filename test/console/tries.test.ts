import { createReadStream } from "node:fs";
import { Readable } from "node:stream";
import { SendMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import * as v from "valibot";
import { flowHandlers } from "../../console/flow.ts";
import { tryHandlers } from "../../console/tries.ts";
import { withExplainedErrors } from "../../operator/aws-errors.ts";
import { DetectionsListener } from "../../operator/detections-listener.ts";
import { stackRedriveOutputs } from "../../operator/stack.ts";
import { ROUTES } from "../../schemas/console/routes.ts";
import { startStack, type TestStack } from "../local/stack.ts";

let stack: TestStack;
let tries: ReturnType<typeof tryHandlers>;
let flow: ReturnType<typeof flowHandlers>;
const request = { signal: new AbortController().signal };

beforeAll(async () => {
  stack = await startStack(["events/videos"], { objectModel: false });
  const context = { config: withExplainedErrors(stack.config), stack: "doorstep-dev", clock: stack.clock };
  tries = tryHandlers(context);
  flow = flowHandlers(context);
  await stack.journey.register("front-door");
});
afterAll(() => stack.stop());

const log = (camera?: string) => tries.getTryLog({ query: camera === undefined ? {} : { camera } }, request);

/** The log once it has this many requests: what functions print arrives a moment after their response. */
async function logWith(count: number) {
  await stack.local.events.waitFor(
    () =>
      stack.local.events.matching(
        ({ name, detail }) =>
          name === "log" && /"(motion started|motion stopped|request refused)"/.test(String(detail["line"])),
      ).length >= count,
  );
  return await log();
}

describe("the screen Try a camera", () => {
  test("shows a test motion with its verdict, and the way of the motion", async () => {
    const { status } = await tries.tryMotion({ body: { camera: "front-door", verb: "start" } }, request);
    expect(status).toBe(202);
    const { attempts } = await logWith(1);
    expect(attempts).toEqual([
      {
        id: expect.any(String),
        atMs: expect.any(Number),
        cameraId: "front-door",
        path: "/cameras/front-door/motion/start",
        verdict: "accepted",
        words: expect.stringContaining("motion started"),
        expected: expect.objectContaining({
          credential: "signature",
          clock: expect.stringMatching(/^right$|^\d s behind, which is fine$/),
        }),
      },
    ]);
    const answer = await log("front-door");
    expect(v.is(ROUTES.getTryLog.answer.schema, answer)).toBe(true);
    expect(answer.way.map(({ hop }) => hop)).toEqual(expect.arrayContaining(["request", "session"]));
  });

  test("says which header of a refused request failed, what it must sign, and nothing that is secret", async () => {
    const url = `${stack.journey.outputs.MotionApiUrl}/cameras/front-door/motion/start`;
    const headers = {
      "webhook-id": "msg_by_hand",
      "webhook-timestamp": String(Math.floor(stack.clock.now() / 1000) - 400),
      "webhook-signature": `v1,${Buffer.alloc(32, 7).toString("base64")}`,
      "content-type": "application/json",
    };
    const response = await fetch(url, { method: "POST", headers, body: '{"motion":"start"}' });
    expect(response.status).toBe(401);
    const { attempts } = await logWith(2);
    expect(attempts[0]).toMatchObject({
      cameraId: "front-door",
      status: 401,
      verdict: "refused",
      expected: {
        check: "webhook-signature",
        problem: "unauthorized",
        signedText: `msg_by_hand.${headers["webhook-timestamp"]}.{"motion":"start"}`,
        clock: expect.stringMatching(/^40[01] s behind$/),
      },
    });
    expect(JSON.stringify(attempts)).not.toContain(headers["webhook-signature"].slice(3));
  });

  test("uploads a dropped clip with its motion, and follows it to the lake", async () => {
    await stack.journey.register("garage");
    const listener = await DetectionsListener.subscribe(
      stack.journey.outputs.DetectionsTopicArn,
      stack.config,
    );
    const result = await tries.tryClip(
      {
        query: { camera: "garage", name: "../front-door.mp4" },
        stream: createReadStream("events/videos/front-door.mp4"),
      },
      request,
    );
    expect(v.is(ROUTES.tryClip.answer.schema, result)).toBe(true);
    expect(result.fragments).toBeGreaterThan(1);
    const sessionOf = async () => {
      const { way } = await log("garage");
      const { run } = way.find(({ hop }) => hop === "session")!.document as { run: { sessionId: string } };
      return run.sessionId;
    };
    await listener.untilCompleted(await sessionOf(), 60_000);
    await listener.close();
    await stack.flushFirehose();

    const { way } = await log("garage");
    expect(way.map(({ hop }) => hop)).toEqual(
      expect.arrayContaining(["request", "session", "video", "notification", "row"]),
    );
    expect(way.map(({ title }) => title)).toEqual(
      expect.arrayContaining([
        expect.stringMatching(/^notification of (PERSON|PACKAGE) \d+ %/),
        "notification that the session completed",
        "row of detection_records",
      ]),
    );
    expect(way.map(({ atMs }) => atMs)).toEqual(way.map(({ atMs }) => atMs).toSorted((a, b) => a - b));
    for (const { document } of way) expect(document).toBeDefined();
  });

  test("refuses what is no video, and a camera that is not registered", async () => {
    const drop = (camera: string, text: string) =>
      tries.tryClip(
        { query: { camera, name: "x.mp4" }, stream: Readable.from([Buffer.from(text)]) },
        request,
      );
    await expect(drop("front-door", "no video")).rejects.toMatchObject({ status: 422 });
    await expect(drop("nowhere", "")).rejects.toMatchObject({ status: 404 });
    await expect(
      tries.tryMotion({ body: { camera: "nowhere", verb: "start" } }, request),
    ).rejects.toMatchObject({ status: 404, message: "no camera nowhere is registered" });
  });
});

describe("the screen Flow", () => {
  test("counts what passed each part, and lists every failure path with what waits", async () => {
    const answer = await flow.getFlow({}, request);
    expect(v.is(ROUTES.getFlow.answer.schema, answer)).toBe(true);
    const node = (id: string) => answer.nodes.find((one) => one.id === id);
    expect(node("motion")).toMatchObject({ failed: 1 });
    expect(node("motion")!.count).toBeGreaterThanOrEqual(2);
    expect(node("startSession")!.count).toBeGreaterThanOrEqual(3);
    expect(node("wakeQueue")!.depth).toBeGreaterThanOrEqual(0);
    const ids = new Set(answer.nodes.map(({ id }) => id));
    for (const { from, to } of answer.edges) expect([ids.has(from), ids.has(to)]).toEqual([true, true]);
    expect(answer.paths.find(({ name }) => name === "wake-queue-to-drive-session")).toMatchObject({
      waiting: 0,
      redrive: ["wake-ups"],
    });
  });

  test("shows what waits in a failure path and the latest error with its remedy, and puts it back", async () => {
    const { UnwokenQueueUrl } = await stackRedriveOutputs("doorstep-dev", stack.config);
    const sqs = new SQSClient(stack.config);
    await sqs.send(
      new SendMessageCommand({ QueueUrl: UnwokenQueueUrl, MessageBody: '{"cameraId":"garage"}' }),
    );
    sqs.destroy();
    stack.local.cloud.events.emit("lambda", "log", {
      function: "doorstep-dev-driveSession",
      line: JSON.stringify({
        level: "ERROR",
        message: "session failed",
        error: { name: "Slow", message: "<b>" },
      }),
    });
    stack.clock.turn(2000);
    const path = async () => {
      const { paths } = await flow.getFlow({}, request);
      return paths.find(({ name }) => name === "wake-queue-to-drive-session")!;
    };
    const { waiting, lastError, recovery } = await path();
    expect([waiting, lastError]).toEqual([
      1,
      { atMs: expect.any(Number), error: "session failed; Slow: <b>", remedy: recovery },
    ]);
    expect(await flow.redrive({ parameters: { path: "wake-ups" }, body: { again: false } }, request)).toEqual(
      { path: "wake-ups", waiting: 1, redriven: 1, left: [] },
    );
    // What was read before the redrive is not shown again.
    expect((await path()).waiting).toBe(0);
  });

  test("does not redrive the raw backup, which needs an interval", async () => {
    await expect(
      flow.redrive({ parameters: { path: "raw" }, body: { again: false } }, request),
    ).rejects.toMatchObject({ status: 422, remedy: "run npx doorstep redrive --from raw --since <time>" });
  });
});
