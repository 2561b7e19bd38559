import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "@jest/globals";
import { parseDemoArguments } from "../../demo/arguments.ts";
import { clipsOf, foldersOf } from "../../demo/clips.ts";

describe("npm start", () => {
  test("uses the samples, the usual ports and .doorstep by default", () => {
    expect(parseDemoArguments([])).toEqual({
      videos: [],
      exit: false,
      json: false,
      verbose: false,
      help: false,
      awsPort: 4566,
      httpPort: 3000,
      dataFolder: ".doorstep",
    });
  });

  test("accepts videos and options in any order", () => {
    expect(
      parseDemoArguments(["a.mp4", "--exit", "--aws-port", "0", "b.mkv", "--data", "/tmp/x"]),
    ).toMatchObject({
      videos: ["a.mp4", "b.mkv"],
      exit: true,
      awsPort: 0,
      dataFolder: "/tmp/x",
    });
  });

  test("refuses an unknown option and an invalid port, and names the help", () => {
    expect(() => parseDemoArguments(["--fast"])).toThrow(
      /Unknown option '--fast'[^]*See npm start -- --help/,
    );
    expect(() => parseDemoArguments(["--aws-port", "70000"])).toThrow(
      "--aws-port is 70000; expected 0..65535",
    );
  });
});

describe("a clip", () => {
  const folder = mkdtempSync(join(tmpdir(), "doorstep-clips-"));
  afterAll(() => rmSync(folder, { recursive: true }));
  const file = (name: string): string => {
    writeFileSync(join(folder, name), "");
    return join(folder, name);
  };

  test("gets a camera named after its file, with a valid and unique id", () => {
    const clips = clipsOf([file("Front Door (1).MP4"), file("front-door-1.mkv"), file("___.mp4")]);
    expect(clips.map(({ cameraId }) => cameraId)).toEqual(["front-door-1", "front-door-1-2", "camera"]);
  });

  test("is labelled when there is a labels file beside it", () => {
    file("yard.labels.json");
    const clips = clipsOf([file("yard.mp4"), file("shed.mp4")]);
    expect(clips.map(({ isLabelled }) => isLabelled)).toEqual([true, false]);
    expect(foldersOf(clips)).toEqual([folder]);
  });

  test("that does not exist is refused by name", () => {
    expect(() => clipsOf([join(folder, "none.mp4")])).toThrow(`the file ${folder}/none.mp4 does not exist`);
  });

  test("is one of the two samples when none is given", () => {
    expect(clipsOf([]).map(({ cameraId, isLabelled }) => [cameraId, isLabelled])).toEqual([
      ["front-door", true],
      ["back-yard", true],
    ]);
  });
});
