import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { kinesisVideo } from "../../../local/kinesis-video/index.ts";
import {
  concatBytes,
  element,
  elementId,
  openElement,
  unsignedElement,
} from "../../../local/matroska/ebml.ts";
import { tagsElement } from "../../../local/matroska/index.ts";
import { startTestCloud, type TestCloud } from "../cloud.ts";
import { createCamera, storedTimes, emitted } from "./camera.ts";
import { Producer, putAll } from "./producer.ts";
import { fragment, header, openFragment } from "./recording.ts";

const MEGABYTE = 1_000_000;
const number = expect.stringMatching(/^\d{47}$/);

describe("PutMedia's rules for fragments", () => {
  let local: TestCloud;
  beforeAll(async () => {
    local = await startTestCloud({ services: [kinesisVideo] });
  });
  afterAll(() => local.stop());

  const stream = () => createCamera(local);

  const tag = (name: string, value = "x") => ({ name, value });
  const tags = (count: number) => Array.from({ length: count }, (_, index) => tag(`name-${index}`));
  const sized = (sizeBytes: number) =>
    Uint8Array.of(
      0x1f,
      0x43,
      0xb6,
      0x75,
      0x10 | (sizeBytes >> 24),
      sizeBytes >> 16,
      sizeBytes >> 8,
      sizeBytes,
    );

  test.each<[string, number, string, number | undefined, () => Uint8Array[]]>([
    [
      "a fragment that says it has over 50 MB",
      4001,
      "MAX_FRAGMENT_SIZE_REACHED",
      undefined,
      () => [sized(50_000_001)],
    ],
    [
      "a fragment of unknown size that grows over 50 MB",
      4001,
      "MAX_FRAGMENT_SIZE_REACHED",
      3000,
      () => [
        concatBytes([openElement(elementId.cluster), unsignedElement(elementId.timestamp, 3000)]),
        ...Array.from({ length: 50 }, () =>
          element(elementId.simpleBlock, Uint8Array.of(0x81, 0, 0, 0), new Uint8Array(MEGABYTE)),
        ),
      ],
    ],
    [
      "a fragment whose timecodes span over 20 s",
      4002,
      "MAX_FRAGMENT_DURATION_REACHED",
      3000,
      () => [fragment(3000, [{}, { atMs: 20_001 }])],
    ],
    [
      "a fragment of unknown size whose timecodes pass 20 s, while it is still open,",
      4002,
      "MAX_FRAGMENT_DURATION_REACHED",
      3000,
      () => [openFragment(3000, [{}, { atMs: 20_000 }, { atMs: 20_001 }])],
    ],
    [
      "a frame of the time up to which the fragment before went",
      4004,
      "FRAGMENT_TIMECODE_LESSER_THAN_PREVIOUS",
      1001,
      () => [fragment(1001, [{ atMs: 1000 }, { atMs: 999 }])],
    ],
    ["an earlier timecode", 4004, "FRAGMENT_TIMECODE_LESSER_THAN_PREVIOUS", 999, () => [fragment(999)]],
    ["the same timecode again", 4004, "FRAGMENT_TIMECODE_LESSER_THAN_PREVIOUS", 1000, () => [fragment(1000)]],
    ["bytes that are no Matroska", 4006, "INVALID_MKV_DATA", undefined, () => [new Uint8Array(100)]],
    ["a second Segment", 4006, "INVALID_MKV_DATA", undefined, () => [header(), fragment(3000)]],
    [
      "a timecode beyond the year 9999",
      4007,
      "INVALID_PRODUCER_TIMESTAMP",
      253_402_300_800_000,
      () => [fragment(253_402_300_800_000)],
    ],
    [
      "eleven tags",
      4009,
      "FRAGMENT_METADATA_LIMIT_REACHED",
      3000,
      () => [tagsElement(tags(6)), tagsElement(tags(5)), fragment(3000)],
    ],
    [
      "a frame of an unknown track",
      4010,
      "TRACK_NUMBER_MISMATCH",
      3000,
      () => [fragment(3000, [{}, { track: 2 }])],
    ],
    ["a fragment without frames", 4011, "FRAMES_MISSING_FOR_TRACK", 3000, () => [fragment(3000, [])]],
    [
      "a tag without a name",
      4012,
      "INVALID_FRAGMENT_METADATA",
      3000,
      () => [tagsElement([tag("")]), fragment(3000)],
    ],
    [
      "a tag's name of 129 bytes",
      4012,
      "INVALID_FRAGMENT_METADATA",
      3000,
      () => [tagsElement([tag("é".repeat(64) + "x")]), fragment(3000)],
    ],
    [
      "a tag's value of 257 bytes",
      4012,
      "INVALID_FRAGMENT_METADATA",
      3000,
      () => [tagsElement([tag("a", "x".repeat(257))]), fragment(3000)],
    ],
    [
      "a reserved tag",
      4012,
      "INVALID_FRAGMENT_METADATA",
      3000,
      () => [tagsElement([tag("AWS_KINESISVIDEO_FRAGMENT_NUMBER")]), fragment(3000)],
    ],
  ])(
    "ends the connection at %s with %d and keeps what came before",
    async (_what, errorId, errorCode, timecode, bad) => {
      const camera = await stream();
      const acks = await putAll(camera, header(), fragment(1000), ...bad(), fragment(8000));
      expect(acks.filter(({ eventType }) => eventType !== "BUFFERING")).toEqual([
        { eventType: "RECEIVED", fragmentTimecode: 1000, fragmentNumber: number },
        { eventType: "PERSISTED", fragmentTimecode: 1000, fragmentNumber: number },
        {
          eventType: "ERROR",
          ...(timecode !== undefined && { fragmentTimecode: timecode, fragmentNumber: number }),
          errorId,
          errorCode,
        },
      ]);
      expect(await storedTimes(local, camera)).toEqual([1000]);
      expect((await emitted(local, "put-media-error", camera)).detail).toMatchObject({ errorId, errorCode });
      expect(await putAll(camera, header(), fragment(9000))).toHaveLength(3);
    },
  );

  test.each([
    ["more than three tracks", 4005, header(4)],
    ["no Matroska at all", 4006, Buffer.from("this is no video")],
  ])("ends a connection with %s at once with %d", async (_what, errorId, body) => {
    const acks = await putAll(await stream(), body);
    expect(acks).toEqual([{ eventType: "ERROR", errorId, errorCode: expect.any(String) }]);
  });

  test("ends a connection whose body breaks off inside a fragment with 4006", async () => {
    const acks = await putAll(await stream(), header(), fragment(1000).subarray(0, -1));
    expect(acks.at(-1)).toEqual({
      eventType: "ERROR",
      fragmentTimecode: 1000,
      fragmentNumber: number,
      errorId: 4006,
      errorCode: "INVALID_MKV_DATA",
    });
  });

  test("takes the mark that AWS's C producer SDK sends after every fragment, and counts no tag for it", async () => {
    const camera = await stream();
    const mark = tagsElement([tag("AWS_KINESISVIDEO_END_OF_FRAGMENT", "")]);
    const acks = await putAll(
      camera,
      header(),
      fragment(1000),
      mark,
      tagsElement(tags(10)),
      fragment(3000),
      mark,
      fragment(5000),
      mark,
    );
    expect(acks.filter(({ eventType }) => eventType === "PERSISTED")).toHaveLength(3);
    expect(acks.filter(({ eventType }) => eventType === "ERROR")).toEqual([]);
  });

  test("accepts three tracks, ten tags, and the tags by which a producer requests images and notifications", async () => {
    const frames = [{}, { track: 2 }, { track: 3 }];
    const asked = tagsElement([
      tag("AWS_KINESISVIDEO_IMAGE_GENERATION", ""),
      tag("AWS_KINESISVIDEO_NOTIFICATION", ""),
    ]);
    const acks = await putAll(await stream(), header(3), tagsElement(tags(8)), asked, fragment(1000, frames));
    expect(acks.map(({ eventType }) => eventType)).toEqual(["BUFFERING", "RECEIVED", "PERSISTED"]);
  });

  test("refuses a fragment over 20 s at its first late frame, before the fragment is complete", async () => {
    const producer = await Producer.connect(await stream());
    producer.send(header(), openFragment(1000, [{}, { atMs: 20_000 }]));
    expect((await producer.ack())!.eventType).toBe("BUFFERING");
    producer.send(openFragment(0, [{ atMs: 20_001 }]).subarray(15));
    expect(await producer.ack()).toMatchObject({ errorId: 4002, fragmentTimecode: 1000 });
    producer.hangUp();
  });

  test("judges the frames of all tracks together: none may reach back into the fragment before", async () => {
    const camera = await stream();
    const [video, sound] = [{ track: 1 }, { track: 2 }];
    const first = fragment(1000, [video, sound, { ...sound, atMs: 1980 }, { ...video, atMs: 1900 }]);
    const acks = await putAll(camera, header(2), first, fragment(3000, [video, { ...sound, atMs: -19 }]));
    expect(acks.filter(({ eventType }) => eventType === "PERSISTED")).toHaveLength(2);
    for (const overlapping of [
      // A sound in the millisecond of the next cluster, and a picture shown before the last sound.
      [fragment(2980, [video, sound])],
      [fragment(3000, [video, { ...video, atMs: -20 }, sound])],
      [fragment(3000, [video, { ...sound, atMs: -50 }])],
    ]) {
      const refused = await putAll(camera, header(2), first, ...overlapping);
      expect(refused.at(-1)).toMatchObject({ eventType: "ERROR", errorId: 4004 });
    }
    expect((await emitted(local, "put-media-error", camera)).detail["message"]).toBe(
      "a frame of track 1 at 2980, while the previous fragment goes up to 2980",
    );
  });

  test("accepts a clock that was set back in a new connection, and the same clip twice", async () => {
    const camera = await stream();
    const clip = [header(), fragment(60_000), fragment(63_000)];
    const earlier = [header(), fragment(1000)];
    for (const body of [clip, earlier, clip])
      expect((await putAll(camera, ...body)).at(-1)!.eventType).toBe("PERSISTED");
    expect(await storedTimes(local, camera)).toEqual([60_000, 63_000, 1000, 60_000, 63_000]);
  });

  test("requires a frame of each track in each fragment, or sends 4011", async () => {
    const acks = await putAll(await stream(), header(2), fragment(1000, [{}]));
    expect(acks.at(-1)).toMatchObject({ errorId: 4011, errorCode: "FRAMES_MISSING_FOR_TRACK" });
  });
});
