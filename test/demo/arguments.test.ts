import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "@jest/globals";
import { parseDemoArguments } from "../../demo/arguments.ts";
import { analysable, checkClips, clipsOf, foldersOf, whatIsSeen, type Clip } from "../../demo/clips.ts";
import { Played } from "../../demo/played.ts";

describe("npm start", () => {
  test("uses the samples, the usual ports and .doorstep by default", () => {
    expect(parseDemoArguments([])).toEqual({
      videos: [],
      engine: undefined,
      alert: undefined,
      faces: undefined,
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

  test("accepts an engine for all videos, and refuses another name", () => {
    for (const engine of ["frames", "stream-processor"])
      expect(parseDemoArguments(["--engine", engine])).toMatchObject({ engine });
    expect(() => parseDemoArguments(["--engine", "eyes"])).toThrow(
      "--engine is eyes; expected stream-processor or frames",
    );
    expect(() => parseDemoArguments(["--engine", ""])).toThrow("--engine is empty");
  });

  test("accepts an address for alerts, and refuses one that nothing can be sent to", () => {
    expect(parseDemoArguments(["--alert", "https://ntfy.sh/my-door"]).alert).toMatchObject({
      format: "ntfy",
      url: "https://ntfy.sh/my-door",
    });
    expect(() => parseDemoArguments(["--alert", "my-door"])).toThrow(
      /^--alert my-door: expected a URL[^]*See npm start -- --help$/,
    );
  });

  test("accepts pictures of persons with a consent, and refuses a consent without pictures", () => {
    const given = ["--consent", "2026-11", "--given-by", "Ada"];
    expect(parseDemoArguments(["--faces", "family", ...given]).faces).toEqual({
      folder: "family",
      consent: "2026-11",
      givenBy: "Ada",
      consents: undefined,
    });
    expect(() => parseDemoArguments(["--faces", "", ...given])).toThrow("--faces is empty");
    for (const alone of [given, ["--consents", "consents.csv"]])
      expect(() => parseDemoArguments(alone)).toThrow("expected --faces with a folder of them as well");
  });

  test("refuses --faces beside what leaves nothing to find faces", () => {
    expect(() => parseDemoArguments(["--faces", "family", "--engine", "stream-processor"])).toThrow(
      "--engine stream-processor cannot search faces",
    );
    expect(() => parseDemoArguments(["--faces", "family", "--no-eyes"])).toThrow(
      "--no-eyes leaves out the model that finds faces",
    );
  });

  test("refuses videos, --engine, --alert, --faces and --replay beside --no-demo, which analyses none", () => {
    for (const args of [
      ["--no-demo", "a.mp4"],
      ["--no-demo", "--replay"],
      ["--no-demo", "--engine", "frames"],
      ["--no-demo", "--alert", "https://ntfy.sh/my-door"],
      ["--no-demo", "--faces", "family"],
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
    const files = [file("Front Door (1).MP4"), file("front-door-1.mkv"), file("___.mp4")];
    const clips = clipsOf(files, "frames");
    expect(clips.map(({ cameraId }) => cameraId)).toEqual(["front-door-1", "front-door-1-2", "camera"]);
  });

  test("of one's own goes through both engines, by a camera each, or through the engine that is chosen", () => {
    const own = [file("porch.mp4")];
    const camerasOf = (clips: Clip[]) => clips.map(({ cameraId, engine }) => [cameraId, engine]);
    expect(camerasOf(clipsOf(own))).toEqual([
      ["porch", "stream-processor"],
      ["porch-frames", "frames"],
    ]);
    for (const engine of ["frames", "stream-processor"] as const)
      expect(camerasOf(clipsOf(own, engine))).toEqual([["porch", engine]]);
  });

  test("that frames could see nothing in, without labels and object model, is left out and named", () => {
    file("labelled.labels.json");
    const own = [file("labelled.mp4"), file("plain.mp4")];
    const why = "the object model is switched off";
    const { clips, leftOut } = analysable(clipsOf(own), why);
    expect(clips.map(({ cameraId }) => cameraId)).toEqual(["labelled", "labelled-frames", "plain"]);
    expect(leftOut).toEqual([`frames cannot analyse plain.mp4 here: it has no labels file, and ${why}`]);
    expect(() => analysable(clipsOf([own[1]!], "frames"), why)).toThrow("frames cannot analyse plain.mp4");
    expect(analysable(clipsOf(own), undefined)).toEqual({ clips: clipsOf(own), leftOut: [] });
  });

  test("comes with a line that says what its engine sees here and what not", () => {
    const [all, moments] = clipsOf([file("porch.mp4")]);
    expect(whatIsSeen(all!, undefined)).toBe(
      "porch: stream-processor analyses all of the video; no labels file: an object model finds persons, cats and dogs, and a heuristic finds parcels",
    );
    expect(whatIsSeen(all!, "no model")).toContain("no labels file, and nothing was detected: no model");
    expect(whatIsSeen(moments!, undefined)).toBe(
      "porch-frames: frames samples moments of the video; what comes and goes between two samples is not detected; no labels file: an object model finds persons, cats and dogs, and nothing finds parcels",
    );
    expect(whatIsSeen(clipsOf([])[1]!, undefined)).toContain("its labels file lists the objects");
  });

  test("is labelled when there is a labels file beside it", () => {
    file("yard.labels.json");
    const clips = clipsOf([file("yard.mp4"), file("shed.mp4")], "frames");
    expect(clips.map(({ isLabelled }) => isLabelled)).toEqual([true, false]);
    expect(foldersOf(clips)).toEqual([folder]);
  });

  test("that does not exist is refused by name", () => {
    expect(() => clipsOf([join(folder, "none.mp4")])).toThrow(`the file ${folder}/none.mp4 does not exist`);
  });

  test("that is a folder is refused", () => {
    expect(() => clipsOf([folder])).toThrow(`${folder} is not a file; name the videos one by one`);
  });

  test("is known by its results until it, its labels or its engine change", () => {
    const [clip, frames] = clipsOf([file("porch.mp4")]);
    const data = mkdtempSync(join(tmpdir(), "doorstep-played-"));
    new Played(data).add(clip!, "session-1");
    expect(new Played(data).sessionOf(clip!)).toBe("session-1");
    expect(new Played(data).sessionOf(frames!)).toBeUndefined();
    file("porch.labels.json");
    expect(new Played(data).sessionOf(clip!)).toBeUndefined();
    new Played(data).add(clip!, "session-2");
    writeFileSync(clip!.file, "longer");
    expect(new Played(data).sessionOf(clip!)).toBeUndefined();
    writeFileSync(join(data, "demo.json"), "{");
    expect(new Played(data).sessionOf(clip!)).toBeUndefined();
    rmSync(data, { recursive: true });
  });

  test("is one of the two samples when none is given, with an engine each", () => {
    expect(clipsOf([]).map(({ cameraId, engine, isLabelled }) => [cameraId, engine, isLabelled])).toEqual([
      ["front-door", "stream-processor", true],
      ["back-yard", "frames", true],
    ]);
    expect(clipsOf([], "frames").map(({ engine }) => engine)).toEqual(["frames", "frames"]);
  });

  test("whose faces are searched is analysed by frames, by one camera, and again if it was analysed without", () => {
    const data = mkdtempSync(join(tmpdir(), "doorstep-played-"));
    const own = [file("garden.mp4")];
    for (const clips of [
      clipsOf([], undefined, { searchesFaces: true }),
      clipsOf(own, undefined, { searchesFaces: true }),
    ])
      expect(new Set(clips.map(({ engine, searchesFaces }) => `${engine} ${searchesFaces}`))).toEqual(
        new Set(["frames true"]),
      );
    new Played(data).add(clipsOf(own, "frames")[0]!, "session-1");
    const [searched] = clipsOf(own, "frames", { searchesFaces: true });
    expect(new Played(data).sessionOf(searched!)).toBeUndefined();
    rmSync(data, { recursive: true });
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
