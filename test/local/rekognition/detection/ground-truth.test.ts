import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import {
  findGroundTruth,
  labelsFileName,
  objectsAt,
  parseLabels,
} from "../../../../local/rekognition/detection/ground-truth.ts";

const box = (left: number) => ({ left, top: 0.25, width: 0.25, height: 0.5 });
const document = {
  video: "porch.mp4",
  durationMillis: 4000,
  tracks: [
    {
      name: "PERSON",
      confidence: 97.5,
      keyframes: [
        { offsetMillis: 1000, box: box(0) },
        { offsetMillis: 2000, box: box(0.5) },
        { offsetMillis: 4000, box: box(0.75) },
      ],
    },
  ],
};
const labels = parseLabels(JSON.stringify(document), "porch.labels.json");

describe("the objects of a labelled clip", () => {
  test.each([
    [999, []],
    [1000, [0]],
    [1500, [0.25]],
    [2000, [0.5]],
    [3000, [0.625]],
    [4000, [0.75]],
    [4001, []],
  ])("at %i ms move straight from keyframe to keyframe and are absent outside them", (offsetMs, lefts) => {
    expect(objectsAt(labels, offsetMs)).toEqual(
      lefts.map((left) => ({ label: "PERSON", confidence: 97.5, box: box(left) })),
    );
  });

  test("never leave the boxes of their keyframes, at any time", () => {
    fc.assert(
      fc.property(fc.double({ min: 1000, max: 4000, noNaN: true }), (offsetMs) => {
        const [object] = objectsAt(labels, offsetMs);
        expect(object!.box.left).toBeGreaterThanOrEqual(0);
        expect(object!.box.left).toBeLessThanOrEqual(0.75);
      }),
    );
  });
});

describe("a labels file", () => {
  const wrong = (change: (copy: typeof document) => void) => {
    const copy = structuredClone(document);
    change(copy);
    return () => parseLabels(JSON.stringify(copy), "porch.labels.json");
  };

  test("is refused with the member and the expected value", () => {
    expect(() => parseLabels("{", "porch.labels.json")).toThrow(/^porch\.labels\.json is not JSON: /);
    expect(wrong((copy) => (copy.tracks[0]!.name = "CAT"))).toThrow(
      "porch.labels.json: tracks[0].name: expected one of PERSON, PET, PACKAGE",
    );
    expect(wrong((copy) => (copy.tracks[0]!.keyframes[1]!.box.left = 1.7))).toThrow(
      "porch.labels.json: tracks[0].keyframes[1].box.left: is 1.7; expected 0..1",
    );
    expect(wrong((copy) => (copy.tracks[0]!.keyframes[1]!.box.left = 0.9))).toThrow(
      "tracks[0].keyframes[1].box: reaches over the right edge of the frame",
    );
    expect(wrong((copy) => copy.tracks[0]!.keyframes.reverse())).toThrow(
      "tracks[0].keyframes: expected keyframes in order of offsetMillis, none twice",
    );
    expect(wrong((copy) => copy.tracks[0]!.keyframes.splice(1))).toThrow("expected at least 2 keyframes");
  });
});

describe("the labels file of a fragment", () => {
  const folder = mkdtempSync(join(tmpdir(), "doorstep-labels-"));
  afterAll(() => rmSync(folder, { recursive: true }));
  mkdirSync(join(folder, "clips"));
  writeFileSync(join(folder, "clips", "porch.labels.json"), JSON.stringify(document));
  writeFileSync(join(folder, "outside.labels.json"), JSON.stringify(document));
  const folders = [join(folder, "empty"), join(folder, "clips")];
  const metadata = (clip: string, startMs: string | undefined = "1763726400000") =>
    new Map([["doorstep.clip", clip], ...(startMs ? [["doorstep.clip-start-ms", startMs] as const] : [])]);
  const frame = {
    rgba: new Uint8Array(),
    width: 0,
    height: 0,
    offsetMs: 0,
    producerTimestampMs: 1_763_726_401_500,
  };

  test("is found by the clip's name, and its offsets count from the clip's first frame", async () => {
    const detector = await findGroundTruth(metadata("porch.mp4"), folders);
    expect(await detector?.detect(frame)).toEqual([{ label: "PERSON", confidence: 97.5, box: box(0.25) }]);
  });

  test.each(["../outside.mp4", "clips/../../outside.mp4", "..\\outside.mp4", "..", ".", "", "porch\0.mp4"])(
    "is never looked for outside its folders: %j",
    async (clip) => {
      expect(labelsFileName(clip)).toBeUndefined();
      expect(await findGroundTruth(metadata(clip), folders)).toBeUndefined();
    },
  );

  test("is not used without the time of the clip's first frame", async () => {
    expect(await findGroundTruth(metadata("porch.mp4", ""), folders)).toBeUndefined();
    expect(await findGroundTruth(metadata("porch.mp4", "soon"), folders)).toBeUndefined();
  });

  test("is what was stored for the clip, before any file", async () => {
    const stored = (file: string) => (file === "porch.labels.json" ? { tracks: [] } : undefined);
    const detector = await findGroundTruth(metadata("porch.mp4"), folders, stored);
    expect(await detector?.detect(frame)).toEqual([]);
  });

  test("may be missing", async () => {
    expect(await findGroundTruth(metadata("garage.mp4"), folders)).toBeUndefined();
  });
});
