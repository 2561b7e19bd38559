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
  return [...fragments, ...cutter.end()].filter((fragment) => fragment !== undefined);
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

  const video = (atMs: number, keyframe = false, format?: object): PacketFacts => ({
    track: "video",
    atMs,
    durationMs: 100,
    keyframe,
    sizeBytes: 1,
    format,
  });
  const audio = (atMs: number): PacketFacts => ({ ...video(atMs, true), track: "audio" });
  const timesOf = (fragments: CutFragment<PacketFacts>[]) =>
    fragments.map(({ packets }) => packets.map(({ atMs }) => Math.round(atMs)));

  test("ends a fragment in the millisecond before the next one, whatever the track", () => {
    const late = [video(0, true), video(999.9), video(1000.4), video(1000.4, true)];
    expect(timesOf(cut(late))).toEqual([[0, 998, 999], [1000]]);
    const sounding = [video(0, true), audio(0), audio(1001.2), video(1001.4, true), audio(1022.5)];
    expect(timesOf(cut(sounding))).toEqual([
      [0, 0],
      [1001, 1001, 1023],
    ]);
  });

  test("gives audio to the next fragment from the first frame on that is shown before its keyframe", () => {
    const open = [video(0, true), video(800), audio(0), audio(900), video(1200, true)];
    const rest = [video(950), audio(1210), video(1100), video(1500), audio(1400)];
    const sounds = [audio(940), audio(960), audio(1190)];
    expect(timesOf(cut([...open.slice(0, 4), ...sounds, open[4]!, ...rest]))).toEqual([
      [0, 800, 0, 900, 940],
      [1200, 960, 1190, 950, 1210, 1100, 1500, 1400],
    ]);
  });

  test("starts a fragment where the format changes, however soon", () => {
    const [large, small] = [{}, {}];
    const frames = [video(0, true, large), video(100), video(200, true, small), video(300, true, small)];
    expect(timesOf(cut(frames))).toEqual([
      [0, 100],
      [200, 300],
    ]);
  });

  test("every frame comes after every frame of the fragment before it, and none is lost", () => {
    const step = fc.record({ gapMs: fc.double({ min: 0.1, max: 400, noNaN: true }), kind: fc.nat(9) });
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 200 }), (steps) => {
        let atMs = 0;
        const packets = [video(0, true)];
        for (const { gapMs, kind } of steps) {
          atMs += gapMs;
          packets.push(kind < 4 ? audio(atMs - gapMs / 2) : video(atMs, kind === 9));
        }
        const fragments = cut(packets);
        expect(fragments.flatMap((fragment) => fragment.packets)).toHaveLength(packets.length);
        const spans = timesOf(fragments).map((times) => [Math.min(...times), Math.max(...times)] as const);
        for (const [place, [from]] of spans.entries())
          if (place > 0) expect(from).toBeGreaterThan(spans[place - 1]![1]);
        for (const { packets: all } of fragments)
          expect(all[0]).toMatchObject({ keyframe: true, track: "video" });
      }),
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
