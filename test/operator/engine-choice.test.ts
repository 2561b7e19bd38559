import { describe, expect, test } from "@jest/globals";
import { chooseEngine, CLOSED_TO_ACCOUNT, type StreamingAccess } from "../../operator/engine-choice.ts";
import { FACE_SEARCH_REGIONS, FRAMES_REGIONS, LABEL_REGIONS } from "../../schemas/regions.ts";

const OPEN: StreamingAccess = { kind: "open", why: "this account has stream processors" };
const UNKNOWN: StreamingAccess = { kind: "unknown", why: "this account may create stream processors" };
const COMMON = ["PERSON", "PET", "PACKAGE"];

describe("a new camera's engine", () => {
  test.each([
    [OPEN, false],
    [UNKNOWN, true],
  ])("is stream-processor where the access is $kind", (streaming, isTentative) => {
    expect(chooseEngine("us-east-1", streaming, COMMON)).toEqual({
      engine: "stream-processor",
      why: `${streaming.why}, and they analyse all of the video`,
      isTentative,
    });
  });

  test.each([
    ["they are closed", CLOSED_TO_ACCOUNT, COMMON, [], CLOSED_TO_ACCOUNT.why],
    ["they lack a label", OPEN, ["PERSON", "Car"], [], /detects PERSON, PET, PACKAGE only, not Car$/],
    ["a setting is of frames", OPEN, COMMON, ["whenAllDetected"], /^whenAllDetected is a setting of this/],
  ])("is frames where %s", (_, streaming, labels, settings, why) => {
    const choice = chooseEngine("us-east-1", streaming, labels, settings);
    expect(choice).toMatchObject({ engine: "frames", isTentative: false });
    expect(choice.why).toMatch(why);
  });

  test("is never face-search, which detects no labels, wherever that works", () => {
    for (const region of FACE_SEARCH_REGIONS)
      for (const streaming of [OPEN, UNKNOWN, CLOSED_TO_ACCOUNT])
        for (const settings of [[], ["faces"]])
          expect(chooseEngine(region, streaming, COMMON, settings).engine).not.toBe("face-search");
  });

  test("does not exist in a Region without either, and the error names the Regions to deploy to", () => {
    expect(() => chooseEngine("ca-central-1", CLOSED_TO_ACCOUNT, COMMON)).toThrow(
      /^no engine works here: Rekognition's streaming .*, which ca-central-1 does not both have \(as of 2026-11\); deploy to one of us-east-1, .*, us-gov-west-1$/,
    );
  });
});

test("frames works in each Region that has stream processors of labels or faces, and in nine others", () => {
  const [frames, streaming] = [FRAMES_REGIONS, LABEL_REGIONS].map((regions) => Object.keys(regions));
  expect(streaming!.filter((region) => !frames!.includes(region))).toEqual([]);
  expect(frames).toHaveLength(16);
  expect(FACE_SEARCH_REGIONS.filter((region) => !frames!.includes(region))).toEqual([]);
});
