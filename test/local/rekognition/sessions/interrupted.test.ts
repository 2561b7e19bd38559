import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { TurnableClock } from "../../../../base/clock.ts";
import type { Cloud } from "../../../../local/cloud.ts";
import { openDocuments } from "../../../../local/documents.ts";
import { Events } from "../../../../local/events.ts";
import type { Frame } from "../../../../local/rekognition/detection/detector.ts";
import type { Session } from "../../../../local/rekognition/processors.ts";
import type { SessionRun } from "../../../../local/rekognition/sessions/session-run.ts";
import { analyse } from "../../../../local/rekognition/sessions/session.ts";
import { FakeStream, fragmentsOf } from "../fake-stream.ts";
import { processor, STREAM_ARN } from "../stack.ts";

const CLIP = join(import.meta.dirname, "../../../../events/videos/front-door.mp4");
const START_MS = 1_763_726_400_000;
const FRAGMENTS = 2;
const FRAGMENT_MS = 2000;

let folder: string;
const stream = new FakeStream(STREAM_ARN);
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "doorstep-interrupted-"));
  const { header, fragments } = await fragmentsOf(CLIP, START_MS);
  stream.header = header;
  stream.add(...fragments.slice(0, FRAGMENTS).map((one) => ({ ...one, tags: [] })));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** A person who is seen by the last look of the first fragment and by the first one of the second, and by no other. */
const look = ({ producerTimestampMs }: Frame) => {
  const atMs = producerTimestampMs - START_MS;
  const isSeen = atMs >= 1500 && atMs <= 2100;
  const box = { left: 0.2, top: 0.2, width: 0.2, height: 0.5 };
  return Promise.resolve(isSeen ? [{ classId: 1, score: 0.9, box }] : []);
};

/** Runs a session from its stored state, and stops it after so many fragments. */
async function run(session: Session, fragments: number): Promise<{ session: Session; detected: unknown[] }> {
  const clock = new TurnableClock();
  const documents = openDocuments(":memory:");
  const events = new Events(clock);
  const controller = new AbortController();
  const until = session.receivedMs + fragments * FRAGMENT_MS;
  const { session: after } = await analyse({
    cloud: { clock, documents, events, clipFolders: [], dataFolder: folder } as unknown as Cloud,
    processor: { definition: processor() } as unknown as SessionRun["processor"],
    session,
    role: {
      media: ({ AfterFragmentNumber, ContinuationToken, StartTimestamp }, signal) =>
        stream.media(
          Number(AfterFragmentNumber ?? ContinuationToken ?? 0) + 1,
          StartTimestamp?.getTime() ?? 0,
          new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve())),
        ),
      putImage: (key) => Promise.resolve(`s3://evidence/${key}`),
      publish: () => Promise.resolve(),
    },
    model: { missing: () => undefined, look } as unknown as SessionRun["model"],
    signal: controller.signal,
    saveProgress: ({ receivedMs }) => {
      if (receivedMs >= until) controller.abort();
    },
  });
  documents.close();
  const detected = events
    .matching(({ name }) => name === "label-detected")
    .map(({ detail: { labels, producerTimestampMs } }) => [labels, Number(producerTimestampMs) - START_MS]);
  return { session: after, detected };
}

test("a session that is interrupted between two fragments detects what it would have detected without it", async () => {
  const started: Session = {
    id: "session",
    request: {
      Name: "front-door",
      StartSelector: { KVSStreamStartSelector: { ProducerTimestamp: START_MS } },
      StopSelector: { MaxDurationInSeconds: 120 },
    },
    receivedMs: 0,
    processedMs: 0,
    notified: [],
  };
  const whole = await run(started, FRAGMENTS);
  expect(whole.detected).toEqual([[["PERSON"], 2000]]);
  const before = await run(started, 1);
  const after = await run(before.session, 1);
  expect([...before.detected, ...after.detected]).toEqual(whole.detected);
  expect(after.session).toEqual(whole.session);
});
