import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import type { PacketFacts } from "../../../uploader/sources/cut-fragments.ts";
import { FrameClock } from "../../../uploader/sources/frame-clock.ts";
import { Losses } from "../../../uploader/sources/losses.ts";

const FRAME_MS = 100;
const PER_GROUP = 10;

const picture = (atMs: number, keyframe = false): PacketFacts => ({
  track: "video",
  atMs,
  durationMs: FRAME_MS,
  keyframe,
  sizeBytes: 1,
});
const sound = (atMs: number): PacketFacts => ({ ...picture(atMs, true), track: "audio" });

/** A keyframe every second. */
const steady = (count: number): PacketFacts[] =>
  Array.from({ length: count }, (_, at) => picture(at * FRAME_MS, at % PER_GROUP === 0));

function settled(packets: readonly PacketFacts[]) {
  const losses = new Losses();
  const clock = new FrameClock(losses);
  const times = packets.flatMap((packet) => clock.video(packet));
  return { clock, losses, times: [...times, ...clock.end()].map(({ atMs }) => Math.round(atMs)) };
}

const at = (packets: readonly PacketFacts[], index: number, atMs: number): PacketFacts[] =>
  packets.map((packet, place) => (place === index ? { ...packet, atMs } : packet));
const shiftedFrom = (packets: readonly PacketFacts[], index: number, byMs: number): PacketFacts[] =>
  packets.map((packet, place) => (place >= index ? { ...packet, atMs: packet.atMs + byMs } : packet));
const timesOf = (packets: readonly PacketFacts[]): number[] => packets.map(({ atMs }) => atMs);

describe("FrameClock", () => {
  test.each([37_600_000, -9_800_000, 8_000])(
    "leaves out a single frame whose time is off by %d ms",
    (byMs) => {
      const frames = steady(30);
      const { times, losses } = settled(at(frames, 13, 1300 + byMs));
      expect(times).toEqual(timesOf(frames.filter((_, place) => place !== 13)));
      expect(losses.all).toMatchObject([{ kind: "video", atMs: 1200, count: 1 }]);
    },
  );

  test("keeps a keyframe whose time is off, between its neighbours: others depend on it", () => {
    const frames = steady(30);
    const { times, losses } = settled(at(frames, 20, 99_000_000));
    expect(times).toEqual(timesOf(frames));
    expect(losses.all).toEqual([]);
    expect(losses.notices).toEqual([
      "the keyframe at 2.0 s is sent there, though its time is 98998.1 s after its neighbours",
    ]);
  });

  test("goes on after the last frame where the clock jumps back, wraps, or jumps ahead by over a day", () => {
    const frames = steady(40);
    for (const byMs of [-30_000, -47_721_858, -1000, 90_000_000])
      for (const index of [20, 25]) {
        const { times, losses, clock } = settled(shiftedFrom(frames, index, byMs));
        // A short jump within a group of frames is only seen at its next keyframe.
        if (byMs === -1000 && index === 25) expect(times).toHaveLength(40);
        else expect(times).toEqual(timesOf(frames));
        expect(losses.all).toEqual([]);
        expect(losses.notices).toHaveLength(1);
        expect(clock.hasChanged).toBe(true);
      }
  });

  test("keeps a pause of up to a day, and leaves out what needs a frame from before it", () => {
    const frames = steady(40);
    const pause = settled(shiftedFrom(frames, 20, 3_600_000));
    expect(pause.times).toEqual(timesOf(shiftedFrom(frames, 20, 3_600_000)));
    expect(pause.losses.notices).toEqual([]);
    const within = settled(shiftedFrom(frames, 25, 60_000));
    const later = shiftedFrom(frames, 25, 60_000).filter((_, place) => place < 25 || place >= 30);
    expect(within.times).toEqual(timesOf(later));
    expect(within.losses.all).toEqual([
      { kind: "video", atMs: 62_500, reason: "no keyframe after a pause", count: 5 },
    ]);
  });

  test("accepts the order of reordered frames, whatever the frame rate", () => {
    for (const frameMs of [20, 1000]) {
      const order = [0, 3, 1, 2, 6, 4, 5, 9, 7, 8, 10, 13, 11, 12];
      const frames = order.map((place) => ({
        ...picture(place * frameMs, place === 0 || place === 10),
        durationMs: frameMs,
      }));
      expect(settled(frames).times).toEqual(order.map((place) => place * frameMs));
    }
  });

  test("moves audio with the video, also where it jumps earlier or later", () => {
    const losses = new Losses();
    const clock = new FrameClock(losses);
    for (const packet of shiftedFrom(steady(30), 20, -30_000)) clock.video(packet);
    expect(clock.soundMs(sound(1990), 2900)).toBe(1990);
    expect(clock.soundMs(sound(-27_200), 2900)).toBe(2800);
    expect(clock.sound(sound(-27_200), 2800)).toMatchObject({ atMs: 2800 });
    expect(clock.sound(sound(-27_300), 2700)).toBeUndefined();
    expect(losses.all).toEqual([
      { kind: "audio", atMs: 2700, reason: "their times are out of order", count: 1 },
    ]);
  });

  test("whatever single frames and jumps a clock brings, times never decrease by more than jitter", () => {
    const fault = fc.record({
      index: fc.integer({ min: 1, max: 99 }),
      byMs: fc.integer({ min: -1e9, max: 1e9 }),
    });
    fc.assert(
      fc.property(fc.array(fault, { maxLength: 4 }), fc.array(fault, { maxLength: 3 }), (singles, jumps) => {
        let frames = steady(100);
        for (const { index, byMs } of jumps) frames = shiftedFrom(frames, index, byMs);
        for (const { index, byMs } of singles) frames = at(frames, index, frames[index]!.atMs + byMs);
        const { times, losses } = settled(frames);
        const lost = losses.all.reduce((sum, { count = 0 }) => sum + count, 0);
        expect(times.length + lost).toBe(100);
        const backMs = times.map((time, place) => (times[place - 1] ?? time) - time);
        expect(Math.max(...backMs)).toBeLessThanOrEqual(17 * FRAME_MS);
      }),
    );
  });
});
