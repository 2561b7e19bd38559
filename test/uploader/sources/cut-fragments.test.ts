import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import {
  FragmentCutter,
  type CutFragment,
  type PacketFacts,
} from "../../../uploader/sources/cut-fragments.ts";

const frameMs = 100;

const frames = (keyframesMs: number[], endMs: number, sizeBytes = 10): PacketFacts[] =>
  Array.from({ length: endMs / frameMs }, (_, i) => ({
    track: "video",
    atMs: i * frameMs,
    durationMs: frameMs,
    keyframe: keyframesMs.includes(i * frameMs),
    sizeBytes,
  }));

function cut(packets: Iterable<PacketFacts>): CutFragment<PacketFacts>[] {
  const cutter = new FragmentCutter();
  const fragments = [...packets].map((packet) => cutter.add(packet));
  return [...fragments, cutter.end()].filter((fragment) => fragment !== undefined);
}

const summary = (fragments: CutFragment<PacketFacts>[]) =>
  fragments.map(({ startMs, endMs, sizeBytes, packets }) => [startMs, endMs, packets.length, sizeBytes]);

describe("FragmentCutter", () => {
  test("starts a fragment at every keyframe", () => {
    expect(summary(cut(frames([0, 2000, 5000], 6000)))).toEqual([
      [0, 2000, 20, 200],
      [2000, 5000, 30, 300],
      [5000, 6000, 10, 100],
    ]);
  });

  test("merges fragments that would be shorter than a second", () => {
    expect(summary(cut(frames([0, 500, 1000, 1500, 2000], 2400)))).toEqual([
      [0, 1000, 10, 100],
      [1000, 2000, 10, 100],
      [2000, 2400, 4, 40],
    ]);
  });

  test("leaves out packets before the first keyframe", () => {
    expect(summary(cut(frames([300], 1000)))).toEqual([[300, 1000, 7, 70]]);
    expect(cut(frames([], 1000))).toEqual([]);
  });

  test("accepts a fragment of 20 s and refuses a longer one at once, saying where keyframes are missing", () => {
    expect(cut(frames([0], 20_000))).toHaveLength(1);
    const cutter = new FragmentCutter();
    const packets = frames([0, 3000], 26_400);
    for (const packet of packets.slice(0, 231)) cutter.add(packet);
    expect(() => cutter.add(packets[231]!)).toThrow(
      "no keyframe for 20.0 s from 3.0 s on, but a fragment begins with one and lasts at most that long",
    );
  });

  test("does not count a pause in the recording as part of the fragment before it", () => {
    const later = { track: "video", atMs: 60_000, durationMs: 100, keyframe: true, sizeBytes: 10 } as const;
    expect(summary(cut([...frames([0], 2000), later]))).toEqual([
      [0, 2000, 20, 200],
      [60_000, 60_100, 1, 10],
    ]);
  });

  test("refuses a fragment of more than 50 MB", () => {
    expect(() => cut(frames([0], 10_000, 600_000))).toThrow(
      "more than 50000000 bytes from 0.0 s on without a keyframe to cut at",
    );
  });

  test("allows reordered frames to go back in time, but no keyframe", () => {
    const at = (atMs: number, keyframe: boolean): PacketFacts => ({
      track: "video",
      atMs,
      durationMs: 100,
      keyframe,
      sizeBytes: 1,
    });
    // The frame at 1900 is decoded after the keyframe at 2000: an open group of pictures.
    expect(
      summary(cut([at(0, true), at(200, false), at(100, false), at(2000, true), at(1900, false)])),
    ).toEqual([
      [0, 2000, 3, 3],
      [2000, 2100, 2, 2],
    ]);
    expect(() => cut([at(0, true), at(4000, true), at(3000, true)])).toThrow(
      "its clock jumps back from 4.0 s to 3.0 s",
    );
    expect(() => cut([at(30_000, true), at(5000, false)])).toThrow(
      "its clock jumps back from 30.0 s to 5.0 s",
    );
  });

  test("covers everything without gaps, in order, every fragment but the last at least a second long", () => {
    const gaps = fc.array(fc.integer({ min: 1, max: 9000 }), { minLength: 1, maxLength: 30 });
    fc.assert(
      fc.property(gaps, (gapsMs) => {
        let atMs = 0;
        const keyframes = gapsMs.map((durationMs): PacketFacts => {
          const packet = { track: "video", atMs, durationMs, keyframe: true, sizeBytes: 1 } as const;
          atMs += durationMs;
          return packet;
        });
        const fragments = cut(keyframes);
        let expectedStartMs = 0;
        for (const { startMs, endMs } of fragments) {
          expect(startMs).toBe(expectedStartMs);
          expectedStartMs = endMs;
        }
        expect(expectedStartMs).toBe(atMs);
        expect(fragments.slice(0, -1).every(({ startMs, endMs }) => endMs - startMs >= 1000)).toBe(true);
        expect(fragments.flatMap(({ packets }) => packets)).toEqual(keyframes);
      }),
    );
  });
});
