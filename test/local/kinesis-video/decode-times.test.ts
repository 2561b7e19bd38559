import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import {
  BufferTarget,
  EncodedPacket,
  EncodedVideoPacketSource,
  MpegTsOutputFormat,
  Output,
} from "mediabunny";
import { correctDecodeTimes, decodeTimes } from "../../../local/kinesis-video/hls/decode-times.ts";

const TICKS_PER_FRAME = 7500;

describe("the decoding times of an MPEG transport stream", () => {
  test("are the presentation times of video without reordering", () => {
    expect(decodeTimes([0, 7500, 15_000, 22_500])).toEqual([0, 7500, 15_000, 22_500]);
  });

  test("share the time before the packet that others wait for", () => {
    expect(decodeTimes([0, 4, 2, 1, 3, 8, 6, 5, 7].map((frame) => frame * TICKS_PER_FRAME))).toEqual([
      0, 2500, 5000, 7500, 22_500, 27_500, 32_500, 37_500, 52_500,
    ]);
  });

  test("begin half a frame before the presentation of reordered video that follows other video", () => {
    const presented = [0, 4, 2, 1, 3].map((frame) => 90_000 + frame * TICKS_PER_FRAME);
    expect(decodeTimes(presented)).toEqual([86_250, 90_000, 93_750, 97_500, 112_500]);
  });

  test("increase, and none is after its packet's presentation", () => {
    const reordered = fc
      .uniqueArray(fc.integer({ min: 0, max: 500 }), { minLength: 1, maxLength: 40 })
      .map((frames) => frames.map((frame) => frame * TICKS_PER_FRAME));
    fc.assert(
      fc.property(reordered, (presented) => {
        const times = decodeTimes(presented);
        expect(times.every((time, at) => time <= presented[at]!)).toBe(true);
        expect(times.every((time, at) => at === 0 || time > times[at - 1]!)).toBe(true);
        const interval =
          (Math.max(...presented) - Math.min(...presented)) / Math.max(1, presented.length - 1);
        expect(times[0]!).toBeGreaterThanOrEqual(Math.min(...presented) - interval - 1);
      }),
    );
  });

  test("replace those of a muxed stream, whose presentation times stay", async () => {
    const frames = [0, 4, 2, 1, 3];
    const stream = await muxed(frames.map((frame) => frame / 12));
    const before = timesIn(stream);
    const after = timesIn(correctDecodeTimes(stream.slice()));
    expect(before.map(({ presented }) => presented)).toEqual(frames.map((frame) => frame * TICKS_PER_FRAME));
    expect(after.map(({ presented }) => presented)).toEqual(before.map(({ presented }) => presented));
    expect(after.map(({ decoded }) => decoded)).toEqual([0, 2500, 5000, 7500, 22_500]);
  });
});

async function muxed(timesS: readonly number[]): Promise<Uint8Array> {
  const target = new BufferTarget();
  const output = new Output({ format: new MpegTsOutputFormat(), target });
  const source = new EncodedVideoPacketSource("avc");
  output.addVideoTrack(source);
  await output.start();
  const data = Uint8Array.of(0, 0, 0, 1, 0x65, ...new Uint8Array(300).fill(0x55));
  const decoderConfig = { codec: "avc1.42001e", codedWidth: 16, codedHeight: 16 };
  for (const [at, timeS] of timesS.entries())
    await source.add(new EncodedPacket(data, at === 0 ? "key" : "delta", timeS, 1 / 12), { decoderConfig });
  await output.finalize();
  return new Uint8Array(target.buffer!);
}

/** The times of every PES packet, read bit by bit as ISO/IEC 13818-1 describes them. */
function timesIn(stream: Uint8Array): { presented: number; decoded: number }[] {
  const found = [];
  for (let at = 0; at < stream.length; at += 188) {
    const packet = stream.subarray(at, at + 188);
    const isStart = (packet[1]! & 0x40) !== 0;
    const payload = packet.subarray((packet[3]! & 0x20) !== 0 ? 5 + packet[4]! : 4);
    if (!isStart || payload[0] !== 0 || payload[1] !== 0 || payload[2] !== 1) continue;
    const bits = [...payload.subarray(9, 19)].map((byte) => byte.toString(2).padStart(8, "0")).join("");
    const time = (from: number) =>
      Number.parseInt(
        bits.slice(from + 4, from + 7) + bits.slice(from + 8, from + 23) + bits.slice(from + 24, from + 39),
        2,
      );
    found.push({ presented: time(0), decoded: time(40) });
  }
  return found;
}
