import { beforeAll, describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { concatBytes } from "../../../local/matroska/ebml.ts";
import { picturesAt, type Picture } from "../../../local/video/decode.ts";
import { framesOf, FRONT_DOOR, pixelsOf, type ShownFrame } from "../kinesis-video/clips.ts";
import { fragmentsOf } from "../rekognition/fake-stream.ts";

const START_MS = 1_763_726_400_000;

describe("decoding", () => {
  let original: ShownFrame[];
  /** The second fragment of the clip, from 2 to 4 s of it: 24 frames. */
  let file: Uint8Array;
  let cluster: Uint8Array;
  beforeAll(async () => {
    original = await framesOf(FRONT_DOOR);
    const { header, fragments } = await fragmentsOf(FRONT_DOOR, START_MS);
    cluster = fragments[1]!.cluster;
    file = concatBytes([header, cluster]);
  });

  const decode = async (bytes: Uint8Array, ...momentsMs: number[]): Promise<(Picture | undefined)[]> => {
    const pictures = [];
    for await (const picture of picturesAt(
      bytes,
      momentsMs.map((atMs) => START_MS + atMs),
    ))
      pictures.push(picture);
    return pictures;
  };
  const frameNumbers = (pictures: readonly (Picture | undefined)[]) =>
    pictures.map((picture) => original.findIndex(({ pixels }) => pixels === pixelsOf(picture!.rgba)));

  test("returns the last frame that starts at or before a time, once for each time", async () => {
    const pictures = await decode(file, 2000, 2083, 2084, 2166, 2166, 3999);
    expect(frameNumbers(pictures)).toEqual([24, 25, 25, 25, 25, 47]);
    expect(pictures[0]).toMatchObject({ width: 640, height: 360 });
    expect(pictures.map((picture) => Math.round(picture!.atMs - START_MS))).toEqual([
      2000, 2083, 2083, 2083, 2083, 3917,
    ]);
  });

  test("returns the first frame before it starts, and the last one after it ends", async () => {
    expect(frameNumbers(await decode(file, 0, 1999, 60_000))).toEqual([24, 24, 47]);
  });

  test("returns nothing for no times", async () => {
    expect(await decode(file)).toEqual([]);
  });

  test("refuses a file without video", async () => {
    await expect(decode(new Uint8Array(100), 0)).rejects.toThrow();
  });

  test("of a file whose cluster is no cluster is an error, which names the byte", async () => {
    const at = file.length - cluster.length;
    const damaged = Uint8Array.from(file);
    damaged[at]! ^= 0x08;
    await expect(decode(damaged, 2000)).rejects.toThrow(`Matroska, byte ${at}: no element of a segment`);
  });

  test("of a damaged file ends in pictures or an error", async () => {
    // Half of it where the file's elements begin.
    const at = fc.oneof(fc.nat(file.length - cluster.length + 200), fc.nat(file.length - 1));
    const damage = fc.array(fc.tuple(at, fc.nat(255)), { minLength: 1, maxLength: 8 });
    await fc.assert(
      fc.asyncProperty(damage, async (changes) => {
        const damaged = Uint8Array.from(file);
        for (const [at, byte] of changes) damaged[at] = byte;
        const pictures = await decode(damaged, 2000, 3000).catch((error: unknown) => error);
        expect(pictures instanceof Error || (pictures as unknown[]).length === 2).toBe(true);
      }),
      { numRuns: 60 },
    );
  });
});
