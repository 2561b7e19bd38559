import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import {
  concatBytes,
  element,
  elementId,
  openElement,
  textElement,
  unsignedElement,
} from "../../../local/matroska/ebml.ts";
import {
  MatroskaError,
  playableFile,
  readSegment,
  segmentStart,
  tagsElement,
} from "../../../local/matroska/index.ts";
import type { SegmentPart } from "../../../local/matroska/index.ts";
import type { ReadLimits } from "../../../local/matroska/reader.ts";

async function* inChunks(bytes: Uint8Array, sizes: readonly number[]): AsyncGenerator<Uint8Array> {
  for (let at = 0, i = 0; at < bytes.length; i++) {
    const size = sizes.length === 0 ? bytes.length : sizes[i % sizes.length]!;
    yield bytes.subarray(at, at + size);
    at += size;
  }
}

async function parts(
  bytes: Uint8Array,
  limits?: ReadLimits,
  sizes: readonly number[] = [],
): Promise<SegmentPart[]> {
  const found: SegmentPart[] = [];
  for await (const part of readSegment(inChunks(bytes, sizes), limits)) found.push(part);
  return found;
}

const info = element(elementId.info, unsignedElement(elementId.timestampScale, 1_000_000));
const tracks = element(
  elementId.tracks,
  element(
    elementId.trackEntry,
    unsignedElement(elementId.trackNumber, 1),
    unsignedElement(elementId.trackType, 1),
    textElement(elementId.codecId, "V_MPEG4/ISO/AVC"),
    element(elementId.codecPrivate, Uint8Array.of(1, 66, 0, 30)),
    element(
      elementId.video,
      unsignedElement(elementId.pixelWidth, 640),
      unsignedElement(elementId.pixelHeight, 360),
    ),
  ),
);
const timestamp = (value: number) => unsignedElement(elementId.timestamp, value);
const simpleBlock = (relative: number, keyframe: boolean, ...data: number[]) =>
  element(
    elementId.simpleBlock,
    Uint8Array.of(0x81, (relative >> 8) & 0xff, relative & 0xff, keyframe ? 0x80 : 0, ...data),
  );
const firstCluster = [timestamp(5000), simpleBlock(0, true, 1, 2, 3), simpleBlock(100, false, 4)];
const secondCluster = [timestamp(6000), simpleBlock(0, true, 5, 6)];
const openCluster = (children: Uint8Array[]) => concatBytes([openElement(elementId.cluster), ...children]);
const closedCluster = (children: Uint8Array[]) => element(elementId.cluster, ...children);
const openStream = concatBytes([
  segmentStart(),
  info,
  tracks,
  tagsElement([{ name: "motion", value: "true" }]),
  openCluster(firstCluster),
  openCluster(secondCluster),
]);

describe("readSegment", () => {
  test("yields header, tags and clusters of a stream whose Segment and clusters are of unknown size", async () => {
    expect(await parts(openStream)).toEqual([
      {
        kind: "header",
        bytes: concatBytes([segmentStart(), info, tracks]),
        timecodeScaleNs: 1_000_000,
        tracks: [
          {
            number: 1,
            type: "video",
            codecId: "V_MPEG4/ISO/AVC",
            codecPrivate: Uint8Array.of(1, 66, 0, 30),
            pixelWidth: 640,
            pixelHeight: 360,
          },
        ],
      },
      {
        kind: "tags",
        tags: [{ name: "motion", value: "true" }],
        bytes: tagsElement([{ name: "motion", value: "true" }]),
      },
      { kind: "cluster-start", timecode: 5000 },
      {
        kind: "cluster",
        timecode: 5000,
        bytes: closedCluster(firstCluster),
        blocks: [
          { trackNumber: 1, timecode: 5000, keyframe: true, sizeBytes: 3 },
          { trackNumber: 1, timecode: 5100, keyframe: false, sizeBytes: 1 },
        ],
        durationMs: 200,
      },
      { kind: "cluster-start", timecode: 6000 },
      {
        kind: "cluster",
        timecode: 6000,
        bytes: closedCluster(secondCluster),
        blocks: [{ trackNumber: 1, timecode: 6000, keyframe: true, sizeBytes: 2 }],
        durationMs: 0,
      },
    ]);
  });

  test("yields the same parts when every size is known", async () => {
    const tags = tagsElement([{ name: "motion", value: "true" }]);
    const ebml = segmentStart().subarray(0, -12);
    const body = [info, tracks, tags, closedCluster(firstCluster), closedCluster(secondCluster)];
    const closed = concatBytes([ebml, element(elementId.segment, ...body)]);
    expect(await parts(closed)).toEqual(await parts(openStream));
  });

  test("skips index, padding and checksums, and drops elements that would be wrong outside the original file", async () => {
    const padding = element(elementId.void, new Uint8Array(300));
    const cluster = [
      element(elementId.crc32, Uint8Array.of(1, 2, 3, 4)),
      ...firstCluster,
      unsignedElement(elementId.position, 77),
      unsignedElement(elementId.prevSize, 88),
      padding,
    ];
    const stream = concatBytes([
      segmentStart(),
      element(elementId.seekHead, new Uint8Array(20)),
      padding,
      info,
      tracks,
      openCluster(cluster),
      element(elementId.cues, new Uint8Array(40)),
    ]);
    expect((await parts(stream)).at(-1)).toMatchObject({
      kind: "cluster",
      bytes: closedCluster(firstCluster),
    });
  });

  test("reads a BlockGroup without a reference as a keyframe and one with a reference as none", async () => {
    const block = (relative: number) => element(elementId.block, Uint8Array.of(0x81, 0, relative, 0, 9, 9));
    const cluster = closedCluster([
      timestamp(1000),
      element(elementId.blockGroup, block(0)),
      element(
        elementId.blockGroup,
        block(40),
        unsignedElement(elementId.blockDuration, 70),
        element(elementId.referenceBlock, Uint8Array.of(0xd8)),
      ),
    ]);
    expect((await parts(concatBytes([segmentStart(), info, tracks, cluster]))).at(-1)).toMatchObject({
      blocks: [
        { trackNumber: 1, timecode: 1000, keyframe: true, sizeBytes: 2 },
        { trackNumber: 1, timecode: 1040, keyframe: false, sizeBytes: 2, duration: 70 },
      ],
      durationMs: 110,
    });
  });

  test("announces a cluster before its blocks have arrived", async () => {
    const head = concatBytes([segmentStart(), info, tracks, openElement(elementId.cluster), timestamp(5000)]);
    async function* live() {
      yield head;
      yield simpleBlock(0, true, 1, 2, 3, 4, 5, 6, 7, 8);
      throw new Error("the camera hung up");
    }
    const reader = readSegment(live());
    expect((await reader.next()).value).toMatchObject({ kind: "header" });
    expect((await reader.next()).value).toEqual({ kind: "cluster-start", timecode: 5000 });
    await expect(reader.next()).rejects.toThrow("the camera hung up");
  });

  /** A live stream: its bytes arrive in chunks, then nothing. */
  async function* live(bytes: Uint8Array, sizes: readonly number[]) {
    yield* inChunks(bytes, sizes);
    await new Promise(() => {});
  }

  test("yields a cluster of known size with its last byte, however short its last element and however it is split", async () => {
    const tiny = [element(0xc1), element(0xc1, Uint8Array.of(1)), simpleBlock(7, false)];
    const sizes = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 20 });
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...tiny), sizes, async (last, chunkSizes) => {
        const cluster = closedCluster([...firstCluster, last]);
        const stream = concatBytes([segmentStart(), info, tracks, cluster]);
        const kinds: string[] = [];
        for await (const { kind } of readSegment(live(stream, chunkSizes))) {
          kinds.push(kind);
          if (kind === "cluster") return expect(kinds).toEqual(["header", "cluster-start", "cluster"]);
        }
        throw new Error("the cluster did not come");
      }),
    );
  });

  test("reports each block with its last byte, and ends when the caller refuses it", async () => {
    const open = concatBytes([segmentStart(), info, tracks, openCluster(firstCluster)]);
    const reported: number[] = [];
    const refuse = ({ timecode }: { timecode: number }) => {
      reported.push(timecode);
      if (timecode === 5100) throw new RangeError("late");
    };
    const read = async () => {
      for await (const { kind } of readSegment(live(open, [3]), {}, refuse)) expect(kind).not.toBe("cluster");
    };
    await expect(read()).rejects.toThrow(new RangeError("late"));
    expect(reported).toEqual([5000, 5100]);
  });

  test("reads several EBML headers in a row only with a limit that allows it", async () => {
    const twice = concatBytes([openStream, openStream]);
    const once = await parts(openStream);
    expect(await parts(twice, { maxSegments: 2 })).toEqual([...once, ...once]);
    await expect(parts(twice)).rejects.toThrow("a further EBML header; expected at most 1 in one stream");
  });

  test.each([
    ["no bytes", new Uint8Array(), "truncated", "Matroska, byte 0: ends where EBML should begin"],
    [
      "an MP4 file",
      Uint8Array.from(Buffer.from("\0\0\0\x18ftypmp42")),
      "invalid",
      "byte 0: expected an element id",
    ],
    [
      "a stream cut inside a block",
      openStream.subarray(0, -1),
      "truncated",
      "ends inside element 0xA3 of 6 bytes",
    ],
    [
      "a cluster before the tracks",
      concatBytes([segmentStart(), info, closedCluster(firstCluster)]),
      "invalid",
      "a Cluster before Tracks",
    ],
    [
      "a block before its cluster's time",
      concatBytes([segmentStart(), info, tracks, closedCluster([simpleBlock(0, true, 1)])]),
      "invalid",
      "a block before its Cluster's Timestamp",
    ],
  ])("refuses %s and says where", async (_, bytes, reason, message) => {
    const error = await parts(bytes).catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(MatroskaError);
    expect(error).toMatchObject({ reason, message: expect.stringContaining(message) });
  });

  test("refuses a cluster over the limit from its declared size, before reading it", async () => {
    const stream = concatBytes([
      segmentStart(),
      info,
      tracks,
      closedCluster([timestamp(0), new Uint8Array(5000)]),
    ]);
    const headOnly = stream.subarray(0, -4900);
    await expect(parts(headOnly, { maxClusterBytes: 4000 })).rejects.toMatchObject({ reason: "too-large" });
  });

  test("refuses an open cluster as soon as it passes the limit", async () => {
    const block = simpleBlock(0, true, ...Array.from({ length: 90 }, () => 7));
    async function* endless() {
      yield concatBytes([segmentStart(), info, tracks, openElement(elementId.cluster), timestamp(0)]);
      for (;;) yield block;
    }
    const read = async () => {
      for await (const part of readSegment(endless(), { maxClusterBytes: 10_000 }))
        expect(part.kind).not.toBe("cluster");
    };
    await expect(read()).rejects.toThrow("a Cluster of more than 10000 bytes");
  });

  test("refuses a cluster of countless tiny elements", async () => {
    const cluster = closedCluster([
      timestamp(0),
      Uint8Array.from({ length: 400 }, (_, i) => (i % 2 ? 0x80 : 0xc1)),
    ]);
    const stream = concatBytes([segmentStart(), info, tracks, cluster]);
    await expect(parts(stream, { maxElementsPerCluster: 100 })).rejects.toThrow(
      "a Cluster of more than 100 elements",
    );
  });

  test("yields the same parts however the stream is split into chunks", async () => {
    const whole = await parts(openStream);
    const sizes = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 20 });
    await fc.assert(
      fc.asyncProperty(sizes, async (chunkSizes) => {
        expect(await parts(openStream, {}, chunkSizes)).toEqual(whole);
      }),
    );
  });

  test("ends a damaged stream with parts or a MatroskaError, never with another error", async () => {
    const damage = fc.array(fc.tuple(fc.nat(openStream.length - 1), fc.nat(255)), { maxLength: 6 });
    let refused = 0;
    await fc.assert(
      fc.asyncProperty(damage, fc.nat(openStream.length), async (changes, length) => {
        const bytes = Uint8Array.from(openStream);
        for (const [at, value] of changes) bytes[at] = value;
        try {
          await parts(bytes.subarray(0, length), {}, [13]);
        } catch (error) {
          refused++;
          expect(error).toBeInstanceOf(MatroskaError);
        }
      }),
      { numRuns: 2000, seed: 1 },
    );
    expect(refused).toBeGreaterThan(1000);
  });

  test("ends any bytes with a MatroskaError or nothing", async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 200 }), async (noise) => {
        const behindHeader = concatBytes([
          segmentStart(),
          info,
          tracks,
          openElement(elementId.cluster),
          noise,
        ]);
        for (const bytes of [noise, behindHeader]) {
          const error = await parts(bytes).then(
            () => undefined,
            (caught: unknown) => caught,
          );
          if (error !== undefined) expect(error).toBeInstanceOf(MatroskaError);
        }
      }),
      { numRuns: 1000 },
    );
  });
});

describe("playableFile", () => {
  test("builds a file that reads back as its header and clusters", async () => {
    const [header, , , first, , second] = await parts(openStream);
    if (header?.kind !== "header" || first?.kind !== "cluster" || second?.kind !== "cluster")
      throw new Error("parts");
    const file = playableFile(header, [second]);
    expect(await parts(file)).toEqual([header, { kind: "cluster-start", timecode: 6000 }, second]);
  });
});

describe("tagsElement", () => {
  test("reads back the names and values it was given", async () => {
    const text = fc.string({ unit: "binary", maxLength: 300 }).map((raw) => raw.replaceAll("\0", ""));
    await fc.assert(
      fc.asyncProperty(fc.array(fc.record({ name: text, value: text }), { maxLength: 10 }), async (tags) => {
        const stream = concatBytes([segmentStart(), info, tracks, tagsElement(tags)]);
        const found = (await parts(stream)).find((part) => part.kind === "tags");
        expect(found?.tags).toEqual(tags);
      }),
    );
  });
});
