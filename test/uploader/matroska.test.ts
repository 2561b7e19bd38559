import { describe, expect, test } from "@jest/globals";
import { children, elementId, readUnsigned } from "../../local/matroska/ebml.ts";
import { tagsElement } from "../../local/matroska/index.ts";
import { readTags } from "../../local/matroska/header.ts";
import { clusterPieces, fragmentTags } from "../../uploader/matroska.ts";

const read = (bytes: Uint8Array) => [...children(bytes, 0)].flatMap(readTags);

describe("fragmentTags", () => {
  test("writes the same Tags element as the reader's own writer", () => {
    const tags = [
      { name: "doorstep.clip", value: "fr\u00fchst\u00fcck.mp4" },
      { name: "n".repeat(128), value: "v".repeat(256) },
      { name: "empty", value: "" },
    ];
    expect(read(fragmentTags(tags))).toEqual(tags);
    expect(read(fragmentTags(tags))).toEqual(read(tagsElement(tags)));
  });

  test.each([
    [
      "eleven tags",
      Array.from({ length: 11 }, () => ({ name: "a", value: "b" })),
      "11 tags on one fragment; at most 10",
    ],
    ["a long name", [{ name: "\u00e9".repeat(65), value: "" }], "its name has 130 bytes; expected 1..128"],
    ["no name", [{ name: "", value: "x" }], "its name has 0 bytes; expected 1..128"],
    ["a long value", [{ name: "a", value: "v".repeat(257) }], "tag a: its value has 257 bytes; at most 256"],
    ["a reserved name", [{ name: "AWS_X", value: "" }], "tag AWS_X: names that begin with AWS are reserved"],
  ])("refuses %s", (_, tags, message) => {
    expect(() => fragmentTags(tags)).toThrow(message);
  });
});

describe("clusterPieces", () => {
  test("holds the time of the cluster and, for each frame, its track, time, keyframe flag and data", () => {
    const pieces = clusterPieces(1_763_700_000_123, [
      { trackNumber: 1, atMs: 1_763_700_000_123, keyframe: true, data: Uint8Array.of(1, 2) },
      { trackNumber: 2, atMs: 1_763_700_000_378.6, keyframe: false, data: Uint8Array.of(3) },
      { trackNumber: 1, atMs: 1_763_700_000_122, keyframe: false, data: Uint8Array.of() },
    ]);
    const bytes = Buffer.concat([...pieces]);
    const [whole, ...others] = [...children(bytes, 0)];
    expect(others).toEqual([]);
    expect(whole!.id).toBe(elementId.cluster);
    const [timestamp, ...blocks] = [...children(whole!.content, 0)];
    expect(readUnsigned(timestamp!)).toBe(1_763_700_000_123);
    expect(blocks.map(({ content }) => [...content])).toEqual([
      [0x81, 0, 0, 0x80, 1, 2],
      [0x82, 1, 0, 0, 3],
      [0x81, 0xff, 0xff, 0],
    ]);
  });

  test("does not copy a large frame", () => {
    const data = new Uint8Array(1_000_000);
    const pieces = [...clusterPieces(0, [{ trackNumber: 1, atMs: 0, keyframe: true, data }])];
    expect(pieces).toContain(data);
    const [whole] = [...children(Buffer.concat(pieces), 0)];
    expect([...children(whole!.content, 0)][1]!.content).toHaveLength(1_000_004);
  });

  test("combines small frames into pieces of about 64 KiB", () => {
    const frame = { trackNumber: 1, atMs: 0, keyframe: true, data: new Uint8Array(30_000) };
    const pieces = [...clusterPieces(0, [frame, frame, frame, frame])];
    expect(pieces.map(({ length }) => length)).toEqual([90_048, 30_009]);
  });
});
