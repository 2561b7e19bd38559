import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "@jest/globals";
import { parseDemoArguments } from "../../demo/arguments.ts";
import { checkClips, clipsOf, foldersOf } from "../../demo/clips.ts";
import { Played } from "../../demo/played.ts";

describe("npm start", () => {
  test("uses the samples, the usual ports and .doorstep by default", () => {
    expect(parseDemoArguments([])).toEqual({
      videos: [],
      exit: false,
      noDemo: false,
      replay: false,
      json: false,
      eyes: true,
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

  test("refuses videos and --replay beside --no-demo, which analyses none", () => {
    for (const args of [
      ["--no-demo", "a.mp4"],
      ["--no-demo", "--replay"],
    ])
      expect(() => parseDemoArguments(args)).toThrow("--no-demo analyses no video; leave it out");
  });

  test("refuses an unknown option, an invalid port and an empty folder, and names the help", () => {
    expect(() => parseDemoArguments(["--data", ""])).toThrow("--data is empty; expected a folder");
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

  test("that is a folder is refused", () => {
    expect(() => clipsOf([folder])).toThrow(`${folder} is not a file; name the videos one by one`);
  });

  test("is known by its results until it or its labels change", () => {
    const [clip] = clipsOf([file("porch.mp4")]);
    const data = mkdtempSync(join(tmpdir(), "doorstep-played-"));
    new Played(data).add(clip!, "session-1");
    expect(new Played(data).sessionOf(clip!)).toBe("session-1");
    file("porch.labels.json");
    expect(new Played(data).sessionOf(clip!)).toBeUndefined();
    new Played(data).add(clip!, "session-2");
    writeFileSync(clip!.file, "longer");
    expect(new Played(data).sessionOf(clip!)).toBeUndefined();
    writeFileSync(join(data, "demo.json"), "{");
    expect(new Played(data).sessionOf(clip!)).toBeUndefined();
    rmSync(data, { recursive: true });
  });

  test("is one of the two samples when none is given", () => {
    expect(clipsOf([]).map(({ cameraId, isLabelled }) => [cameraId, isLabelled])).toEqual([
      ["front-door", true],
      ["back-yard", true],
    ]);
  });

  test("names a clip that cannot be uploaded, before anything is packaged", async () => {
    for (const [name, bytes, message] of [
      ["empty.mp4", Buffer.alloc(0), "empty.mp4: the file is empty"],
      [
        "cut.mp4",
        readFileSync("events/videos/front-door.mp4").subarray(0, 90_000),
        "cut.mp4: it is truncated",
      ],
    ] as const) {
      const path = file(name);
      writeFileSync(path, bytes);
      await expect(checkClips(clipsOf([path]))).rejects.toThrow(message);
    }
    expect(await checkClips(clipsOf([]).slice(0, 1))).toEqual([]);
  });
});
