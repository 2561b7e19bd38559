import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import * as v from "valibot";
import { readStartRequest } from "../../core/lake/start-request.ts";
import type { Engine } from "../../engines/engine.ts";
import type { RunStatus, SessionRequest } from "../../schemas/engine.ts";
import { labelDetected, streamProcessingComplete } from "../../schemas/notification.ts";

/** A camera for one test, with video in its stream. */
interface TestCamera {
  readonly processorName: string;
  readonly streamArn: string;
  /** Producer time at which its video starts, epoch milliseconds. */
  readonly videoStartMs: number;
  readonly videoDurationMs: number;
}

/** An engine with everything around it. */
export interface EngineHarness {
  readonly engine: Engine;
  /** The same engine while its service throttles every call. */
  readonly throttled: Engine;
  /** The same engine while its service does not respond. */
  readonly unreachable: Engine;
  /** A new camera, whose video has at least one label that the engine detects. */
  addCamera(): Promise<TestCamera>;
  /** A new camera for which the engine accepts a start, though it may not read the video. */
  addFailingCamera(): Promise<TestCamera>;
  /** Lets time pass. */
  pass(durationMs: number): Promise<void>;
  /** The bodies of the messages that the topic has delivered so far, parsed. */
  notifications(): Promise<readonly unknown[]>;
  stop(): Promise<void>;
}

/** Longer than a session of the test cameras' video takes, in steps of a second. */
const MAX_SECONDS = 600;

/**
 * What every engine does, whatever it is made of: see `engines/engine.ts`.
 * @param start called once, before the tests
 */
export function describeEngine(
  name: string,
  start: () => Promise<EngineHarness>,
  { detectsLabels = true }: { /** Whether it publishes labels. */ readonly detectsLabels?: boolean } = {},
): void {
  let harness: EngineHarness;
  beforeAll(async () => void (harness = await start()));
  afterAll(() => harness.stop());

  const requestOf = (camera: TestCamera, maxDurationSeconds = 4): SessionRequest => ({
    processorName: camera.processorName,
    videoStartMs: camera.videoStartMs,
    maxDurationSeconds,
  });

  async function startedOn(camera: TestCamera, maxDurationSeconds?: number): Promise<string> {
    const result = await harness.engine.start(requestOf(camera, maxDurationSeconds));
    if (result.kind !== "started") throw new Error(`the start returned ${JSON.stringify(result)}`);
    return result.sessionId;
  }

  /** Lets time pass, second by second, until there is a value. */
  async function until<T>(read: () => Promise<T | undefined>): Promise<T> {
    for (let second = 0; second < MAX_SECONDS; second++) {
      const value = await read();
      if (value !== undefined) return value;
      await harness.pass(1000);
    }
    throw new Error(`nothing happened within ${MAX_SECONDS} s`);
  }

  const ended = ({ processorName }: TestCamera): Promise<RunStatus> =>
    until(async () => {
      const status = await harness.engine.find(processorName);
      return status.kind === "running" ? undefined : status;
    });

  const completionsOf = async (sessionId: string) =>
    (await harness.notifications())
      .filter((notification) => v.is(streamProcessingComplete, notification))
      .map((notification) => v.parse(streamProcessingComplete, notification))
      .filter((notification) => notification.sessionId === sessionId);

  const completionOf = (sessionId: string) => until(async () => (await completionsOf(sessionId))[0]);

  const labelsOf = async (sessionId: string) =>
    (await harness.notifications())
      .filter((notification) => v.is(labelDetected, notification))
      .map((notification) => v.parse(labelDetected, notification))
      .filter((notification) => notification.sessionId === sessionId)
      .flatMap(({ labels, inputInformation }) =>
        labels.map((label) => ({ ...label, streamArn: inputInformation.kinesisVideo.streamArn })),
      );

  if (detectsLabels)
    describe(`the labels of the engine ${name}`, () => {
      test("publishes each label of a session at most once, within the session's video", async () => {
        const camera = await harness.addCamera();
        const sessionId = await startedOn(camera, 120);
        await completionOf(sessionId);
        const labels = await labelsOf(sessionId);
        expect(labels.length).toBeGreaterThan(0);
        expect(new Set(labels.map(({ name: label }) => label)).size).toBe(labels.length);
        for (const { streamArn, videoMapping } of labels) {
          const { producerTimestamp, frameOffsetMillis } = videoMapping.kinesisVideoMapping;
          const atMs = producerTimestamp + frameOffsetMillis - camera.videoStartMs;
          expect([streamArn, atMs >= 0, atMs < camera.videoDurationMs]).toEqual([
            camera.streamArn,
            true,
            true,
          ]);
        }
      });

      test("publishes the labels of a camera's next session again", async () => {
        const camera = await harness.addCamera();
        const seen: string[][] = [];
        for (let session = 0; session < 2; session++) {
          const sessionId = await startedOn(camera);
          await completionOf(sessionId);
          seen.push((await labelsOf(sessionId)).map(({ name: label }) => label).toSorted());
          await ended(camera);
        }
        expect(seen[1]).toEqual(seen[0]);
      });
    });
  else
    test(`the engine ${name} publishes no label`, async () => {
      const sessionId = await startedOn(await harness.addCamera());
      await completionOf(sessionId);
      expect(await labelsOf(sessionId)).toEqual([]);
    });

  describe(`the engine ${name}`, () => {
    test("starts a session with an id of its own; it runs, ends by itself and is then stopped", async () => {
      const camera = await harness.addCamera();
      expect(await harness.engine.find(camera.processorName)).toEqual({ kind: "stopped" });
      const first = await startedOn(camera);
      expect(await harness.engine.find(camera.processorName)).toEqual({ kind: "running" });
      expect(await ended(camera)).toEqual({ kind: "stopped" });
      const second = await startedOn(camera);
      expect(second).not.toBe(first);
      await ended(camera);
    });

    test("publishes the end of a session once, with its camera, its start and the video that it analysed", async () => {
      const camera = await harness.addCamera();
      const sessionId = await startedOn(camera);
      const completion = await completionOf(sessionId);
      const { streamArn, processedVideoDurationMillis } = completion.inputInformation.kinesisVideo;
      expect(streamArn).toBe(camera.streamArn);
      expect(readStartRequest(completion.startStreamProcessorRequest)).toEqual({
        startedAtMs: camera.videoStartMs,
        maxDurationSeconds: 4,
      });
      expect(processedVideoDurationMillis).toBeGreaterThanOrEqual(4000);
      expect(processedVideoDurationMillis).toBeLessThanOrEqual(camera.videoDurationMs);
      await ended(camera);
      expect(new Set((await completionsOf(sessionId)).map(({ eventId }) => eventId)).size).toBe(1);
    });

    test("never reports more analysed video than there was", async () => {
      const camera = await harness.addCamera();
      const sessionId = await startedOn(camera, 120);
      const { inputInformation } = await completionOf(sessionId);
      const { processedVideoDurationMillis } = inputInformation.kinesisVideo;
      expect(processedVideoDurationMillis).toBeGreaterThan(0);
      expect(processedVideoDurationMillis).toBeLessThanOrEqual(camera.videoDurationMs);
    });

    test("makes one session of the same start twice, and says so", async () => {
      const camera = await harness.addCamera();
      const results = await Promise.all([
        harness.engine.start(requestOf(camera)),
        harness.engine.start(requestOf(camera)),
        harness.engine.start(requestOf(camera)),
      ]);
      results.push(await harness.engine.start(requestOf(camera)));
      const kinds = results.map(({ kind }) => kind).toSorted();
      expect(kinds).toEqual(["processor-busy", "processor-busy", "processor-busy", "started"]);
      await ended(camera);
    });

    test("runs the sessions of several cameras at the same time", async () => {
      const cameras = [await harness.addCamera(), await harness.addCamera()];
      const sessionIds = await Promise.all(cameras.map((camera) => startedOn(camera)));
      for (const [index, sessionId] of sessionIds.entries()) {
        const { inputInformation } = await completionOf(sessionId);
        expect(inputInformation.kinesisVideo.streamArn).toBe(cameras[index]!.streamArn);
      }
    });

    test("says when it is throttled, and starts nothing then", async () => {
      const camera = await harness.addCamera();
      expect(await harness.throttled.start(requestOf(camera))).toEqual({ kind: "throttled" });
      await expect(harness.throttled.find(camera.processorName)).rejects.toThrow();
      await expect(harness.throttled.stop(camera.processorName)).rejects.toThrow();
      expect(await harness.engine.find(camera.processorName)).toEqual({ kind: "stopped" });
    });

    test("throws when there is no result, rather than to guess one", async () => {
      const camera = await harness.addCamera();
      await expect(harness.unreachable.start(requestOf(camera))).rejects.toThrow();
      await expect(harness.unreachable.find(camera.processorName)).rejects.toThrow();
      await expect(harness.unreachable.stop(camera.processorName)).rejects.toThrow();
    });

    test("refuses what it does not know, with a reason, and finds and stops nothing there", async () => {
      const camera = { ...(await harness.addCamera()), processorName: "unknown" };
      const result = await harness.engine.start(requestOf(camera));
      expect(result).toEqual({ kind: "refused", reason: expect.stringMatching(/\S/) });
      expect(await harness.engine.find("unknown")).toEqual({ kind: "not-found" });
      expect(await harness.engine.stop("unknown")).toBe("not-found");
    });

    test("reports a session that fails after its start with the reason, and publishes no end of it", async () => {
      const camera = await harness.addFailingCamera();
      const sessionId = await startedOn(camera);
      expect(await ended(camera)).toEqual({ kind: "failed", reason: expect.stringMatching(/\S/) });
      await harness.pass(10_000);
      expect(await completionsOf(sessionId)).toEqual([]);
    });

    test("ends a session that is stopped, and publishes its end", async () => {
      const camera = await harness.addCamera();
      const sessionId = await startedOn(camera, 120);
      await harness.pass(1000);
      expect(await harness.engine.stop(camera.processorName)).toBe("stopped");
      expect(await ended(camera)).toEqual({ kind: "stopped" });
      const { inputInformation } = await completionOf(sessionId);
      const { processedVideoDurationMillis } = inputInformation.kinesisVideo;
      expect(processedVideoDurationMillis).toBeLessThanOrEqual(camera.videoDurationMs);
      await harness.pass(1000);
      expect(await harness.engine.stop(camera.processorName)).toBe("not-running");
    });

    test("gives each notification an event id of its own", async () => {
      const camera = await harness.addCamera();
      await completionOf(await startedOn(camera));
      const byId = new Map<string, string>();
      for (const notification of await harness.notifications()) {
        const { eventId } = v.parse(v.object({ eventId: v.string() }), notification);
        const text = JSON.stringify(notification);
        expect(byId.get(eventId) ?? text).toBe(text);
        byId.set(eventId, text);
      }
      expect(byId.size).toBeGreaterThan(1);
    });
  });
}
