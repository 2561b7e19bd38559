import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import fc from "fast-check";
import { Logging, LogLevel } from "mediabunny";
import { readSegment } from "../../local/matroska/index.ts";
import { openClip } from "../../uploader/sources/file.ts";
import { FileProbe } from "../../uploader/sources/probe.ts";
import { SourceError } from "../../uploader/sources/source.ts";
import { soakSize } from "../support/soak.ts";
import { makeClip } from "./synthetic-clips.ts";
import { matroskaOf } from "./matroska-of.ts";

const MUTATIONS_PER_FORMAT = soakSize(700, 70);
/** No mutation may take longer: it would hang the upload. */
const MUTATION_LIMIT_MS = 5_000;

let folder: string;
beforeAll(async () => {
  Logging.level = LogLevel.Silent;
  folder = await mkdtemp(join(tmpdir(), "doorstep-fuzz-"));
});
/** A process that is silent for this long hangs; files as small as these take milliseconds. */
const probe = new FileProbe({ silenceLimitMs: 600 });
afterAll(async () => {
  probe.close();
  await rm(folder, { recursive: true });
});

/** The position in the file: 0..1. */
const place = fc.nat(1_000_000).map((millionths) => millionths / 1_000_000);

const mutation = fc.oneof(
  fc.record({ kind: fc.constant("truncate" as const), at: place }),
  fc.record({
    kind: fc.constant("flip" as const),
    at: place,
    bit: fc.integer({ min: 0, max: 7 }),
  }),
  // Most sizes are four bytes; this changes one, or a count, an offset, a time.
  fc.record({
    kind: fc.constant("lie" as const),
    at: place,
    value: fc.oneof(fc.constantFrom(0, 1, 7, 0x7fffffff, 0xffffffff), fc.nat(0xffff)),
  }),
);

function mutate(
  whole: Buffer,
  mutations: readonly (typeof mutation extends fc.Arbitrary<infer M> ? M : never)[],
): Buffer {
  let bytes = Buffer.from(whole);
  for (const one of mutations) {
    const at = Math.floor(one.at * (bytes.length - 4));
    if (one.kind === "truncate") bytes = bytes.subarray(0, Math.max(0, at));
    else if (one.kind === "flip") bytes[Math.max(0, at)]! ^= 1 << one.bit;
    else if (at >= 0) bytes.writeUInt32BE(one.value, at);
    if (bytes.length < 8) return bytes;
  }
  return bytes;
}

/** Sends the file to a service that checks every byte: only whole fragments may arrive, whatever is wrong with the file. */
async function send(file: string): Promise<"sent" | Error> {
  try {
    const clip = await openClip(file, probe);
    try {
      let clusters = 0;
      for await (const part of readSegment(
        matroskaOf(clip, { startMs: 1_763_700_000_000, timecodeType: "ABSOLUTE" }),
      ))
        if (part.kind === "cluster") clusters++;
      expect(clusters).toBe(clip.plan.fragments);
      return "sent";
    } finally {
      await clip.close();
    }
  } catch (error) {
    return error as Error;
  }
}

const audio = { codec: "aac", fromS: 0, toS: 3 } as const;

test.each(["clip.mp4", "clip.mkv", "clip.ts"])(
  "a damaged %s is sent in whole fragments or refused by name, and never hangs",
  async (name) => {
    const recipe = {
      durationS: 3,
      keyframeEveryS: 1,
      bFrames: true,
      frameBytes: 60,
      ...(name !== "clip.ts" && { audio }),
    };
    const original = await makeClip(join(folder, name), recipe);
    const whole = await readFile(original);
    expect(await send(original)).toBe("sent");
    const outcomes = { sent: 0, refused: 0 };
    const damaged = join(folder, `damaged-${name}`);
    await fc.assert(
      fc.asyncProperty(fc.array(mutation, { minLength: 1, maxLength: 2 }), async (mutations) => {
        await writeFile(damaged, mutate(whole, mutations));
        const startedAtMs = performance.now();
        const outcome = await send(damaged);
        expect(performance.now() - startedAtMs).toBeLessThan(MUTATION_LIMIT_MS);
        if (outcome === "sent") outcomes.sent++;
        else {
          outcomes.refused++;
          expect(outcome).toBeInstanceOf(SourceError);
          expect(outcome.message).toMatch(new RegExp(`^damaged-${name}: .`));
        }
      }),
      { numRuns: MUTATIONS_PER_FORMAT, endOnFailure: true },
    );
    // Both outcomes occur: the mutations are neither all harmless nor all fatal.
    expect(Math.min(outcomes.sent, outcomes.refused)).toBeGreaterThan(MUTATIONS_PER_FORMAT / 35);
  },
  60_000,
);
