import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { TurnableClock } from "../../../base/clock.ts";
import { openDocuments } from "../../../local/documents.ts";
import { nextFragmentNumber } from "../../../local/kinesis-video/fragments/fragment-number.ts";
import { FragmentStore } from "../../../local/kinesis-video/fragments/fragment-store.ts";
import type { Fragment } from "../../../local/kinesis-video/fragments/fragment.ts";
import { FragmentReceiver } from "../../../local/kinesis-video/put-media/fragment-receiver.ts";
import { concatBytes } from "../../../local/matroska/ebml.ts";
import { tagsElement } from "../../../local/matroska/index.ts";
import { fragment, header, openFragment } from "./recording.ts";

const folder = mkdtempSync(join(tmpdir(), "doorstep-receive-"));
afterAll(() => rmSync(folder, { recursive: true }));

async function* inChunks(bytes: Uint8Array, cuts: readonly number[]): AsyncGenerator<Uint8Array> {
  const edges = [0, ...cuts.toSorted((a, b) => a - b), bytes.length];
  for (let index = 1; index < edges.length; index++) yield bytes.subarray(edges[index - 1], edges[index]);
}

const arrivedAtMs = Date.now();

/** The result of a body that is split at these offsets, without fragment numbers. */
async function receive(body: Uint8Array, cuts: readonly number[]) {
  const index = openDocuments(":memory:").collection<Fragment>("test");
  const store = await FragmentStore.open({ folder, index, clock: new TurnableClock(), retentionMs: () => 0 });
  const events: string[] = [];
  const receiver = new FragmentReceiver({
    store,
    startMs: 100,
    admit: () => Promise.resolve(),
    now: () => arrivedAtMs,
    retains: () => false,
    onEvent: (event, { timecode }) => events.push(`${event} ${timecode}`),
    onStored: ({ producerTimestampMs }) => events.push(`stored ${producerTimestampMs}`),
  });
  const error = await receiver.receive(inChunks(body, cuts)).then(
    () => undefined,
    (problem: Error) => problem.message,
  );
  const fragments = await Promise.all(
    store.list().map(async ({ number: _number, ...rest }, index) => ({
      ...rest,
      media: await store.media(store.list()[index]!),
    })),
  );
  return { events, error, fragments };
}

const body = concatBytes([
  header(),
  tagsElement([{ name: "motion", value: "true" }]),
  openFragment(1000),
  tagsElement([{ name: "motion", value: "false" }]),
  fragment(3000),
  openFragment(5000),
  fragment(5000),
]);

describe("FragmentReceiver", () => {
  test("assigns tags to the fragment after them, and stops at the first error", async () => {
    const { events, error, fragments } = await receive(body, []);
    expect(events).toEqual([
      "BUFFERING 1000",
      "RECEIVED 1000",
      "stored 1100",
      "BUFFERING 3000",
      "RECEIVED 3000",
      "stored 3100",
      "BUFFERING 5000",
      "RECEIVED 5000",
      "stored 5100",
    ]);
    expect(error).toBe("timecode 5000 after 5000; timecodes increase");
    expect(fragments.map(({ tags }) => tags)).toEqual([
      [{ name: "motion", value: "true" }],
      [{ name: "motion", value: "false" }],
      [],
    ]);
  });

  test("stores the same fragments however the body is split into chunks", async () => {
    const whole = await receive(body, []);
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(body.length), { maxLength: 60 }), async (cuts) => {
        expect(await receive(body, cuts)).toEqual(whole);
      }),
      { numRuns: 100 },
    );
  });

  test("keeps the complete fragments of a body that is cut off", async () => {
    const whole = await receive(body, []);
    await fc.assert(
      fc.asyncProperty(fc.nat(body.length), async (end) => {
        const { fragments } = await receive(body.subarray(0, end), []);
        const complete = fragments.slice(0, -1);
        expect(complete).toEqual(whole.fragments.slice(0, complete.length));
      }),
      { numRuns: 100 },
    );
  });
});

describe("nextFragmentNumber", () => {
  test("always increases, in 47 digits, whatever the clock does", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 4_102_444_800_000 }), { maxLength: 50 }), (times) => {
        let previous: string | undefined;
        for (const now of times) {
          const number = nextFragmentNumber(now, previous);
          expect(number).toMatch(/^\d{47}$/);
          if (previous) expect(BigInt(number) > BigInt(previous)).toBe(true);
          previous = number;
        }
      }),
    );
  });
});
