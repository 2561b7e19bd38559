import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import {
  BufferTarget,
  EncodedPacket,
  EncodedVideoPacketSource,
  MpegTsOutputFormat,
  Output,
} from "mediabunny";
import { delayPresentation } from "../../../local/kinesis-video/hls/transport-times.ts";

const FRAME_S = 1 / 12;
const TICKS_PER_SECOND = 90_000;

/** A transport stream of frames that are shown in this order, the first of them at a time. */
async function transportStream(
  order: readonly number[],
  startS: number,
  frameS = FRAME_S,
): Promise<Uint8Array> {
  const output = new Output({ format: new MpegTsOutputFormat(), target: new BufferTarget() });
  const source = new EncodedVideoPacketSource("avc");
  output.addVideoTrack(source);
  await output.start();
  const decoderConfig = { codec: "avc1.42001e", codedWidth: 64, codedHeight: 64 };
  for (const [at, place] of order.entries()) {
    const data = Uint8Array.of(0, 0, 0, 1, at === 0 ? 0x65 : 0x41, 0x80);
    await source.add(new EncodedPacket(data, at === 0 ? "key" : "delta", startS + place * frameS, frameS), {
      decoderConfig,
    });
  }
  await output.finalize();
  return new Uint8Array(output.target.buffer!);
}

/** The times of the PES packets, in ticks. */
function timesIn(stream: Uint8Array): { pts: number; dts: number }[] {
  const bytes = Buffer.from(stream);
  const times = [];
  for (let at = bytes.indexOf(PES); at >= 0; at = bytes.indexOf(PES, at + 4))
    times.push({ pts: timeAt(bytes, at + 9), dts: timeAt(bytes, at + 14) });
  return times;
}

const PES = Buffer.of(0, 0, 1, 0xe0);
const timeAt = (bytes: Buffer, at: number): number =>
  ((bytes[at]! >> 1) & 7) * 2 ** 30 +
  (bytes.readUInt16BE(at + 1) >> 1) * 2 ** 15 +
  (bytes.readUInt16BE(at + 3) >> 1);

describe("delayPresentation", () => {
  test("no packet of reordered video is decoded after it is presented, and decoding times keep even steps", async () => {
    const order = [0, 3, 1, 2, 6, 4, 5, 9, 7, 8];
    const times = timesIn(delayPresentation(await transportStream(order, 10)));
    const start = 10 * TICKS_PER_SECOND;
    expect(times.map(({ pts }) => pts - start - TICKS_PER_SECOND)).toEqual(
      order.map((place) => place * 7500),
    );
    expect(times.map(({ dts }) => dts - start)).toEqual(order.map((_, at) => at * 7500));
    for (const { pts, dts } of times) expect(pts).toBeGreaterThanOrEqual(dts);
  });

  test("delays every segment of a stream by the same time, so that they follow each other", async () => {
    const [reordered, plain] = [
      [0, 2, 1, 4, 3],
      [0, 1, 2, 3, 4],
    ];
    for (const order of [reordered, plain]) {
      const [first] = timesIn(delayPresentation(await transportStream(order, 0)));
      expect(first).toEqual({ pts: TICKS_PER_SECOND, dts: 0 });
    }
  });

  test("delays longer where reordered frames are rare, and wraps as the times do", async () => {
    const slow = timesIn(delayPresentation(await transportStream([0, 3, 1, 2], 0, 1)));
    for (const { pts, dts } of slow) expect(pts).toBeGreaterThanOrEqual(dts);
    const wrapping = timesIn(delayPresentation(await transportStream([0], 2 ** 33 / TICKS_PER_SECOND - 0.5)));
    expect(wrapping[0]!.pts).toBe(TICKS_PER_SECOND / 2);
  });

  test("leaves anything that is no transport stream as it is", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 1000 }), (bytes) => {
        if (bytes[0] !== 0x47) expect(delayPresentation(Uint8Array.from(bytes))).toEqual(bytes);
        else delayPresentation(bytes);
      }),
    );
  });
});
