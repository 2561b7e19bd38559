import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { kinesisVideo } from "../../local/kinesis-video/index.ts";
import { uploadClip } from "../../uploader/upload-clip.ts";
import { startTestCloud, type TestCloud } from "../local/cloud.ts";
import { frontDoorClip } from "../uploader/synthetic-clips.ts";
import { fastClock } from "../support/fast-clock.ts";
import { keptStream, useCloud } from "./cloud.ts";
import { doorstep } from "./process.ts";

/** 2025-11-21T04:40:00.000Z */
const startMs = 1_763_700_000_000;

let local: TestCloud;
let restoreEnvironment: () => void;
beforeAll(async () => {
  local = await startTestCloud({
    services: [kinesisVideo],
    template: { Resources: { Porch: keptStream("porch"), Empty: keptStream("empty") } },
  });
  restoreEnvironment = useCloud(local.endpoint, local.clock);
  // The later one first: fragments are stored in another order than they were recorded in.
  for (const afterMs of [60_000, 0, 60_000])
    await uploadClip({
      file: frontDoorClip,
      streamName: "porch",
      startMs: startMs + afterMs,
      clock: fastClock(local.clock),
    });
});
afterAll(async () => {
  restoreEnvironment();
  await local.stop();
});

describe("doorstep coverage", () => {
  test("shows footage, gaps and overlaps as a bar and a table", async () => {
    const { exitCode, stdout, stderr } = await doorstep(["coverage", "porch", "--stream"]);
    expect([exitCode, stderr]).toEqual([0, ""]);
    expect(stdout.split("\n").map((line) => line.trimEnd())).toEqual([
      "porch: 0:32.0 of footage, 24 fragments, 1.8 MB, 1 gap",
      "",
      "###############+........................................+###############",
      "2025-11-21T04:40:00.000Z                        2025-11-21T04:41:16.000Z",
      "",
      "         start                     end                       duration  fragments    size",
      "footage  2025-11-21T04:40:00.000Z  2025-11-21T04:40:16.000Z    0:16.0          8  0.6 MB",
      "gap      2025-11-21T04:40:16.000Z  2025-11-21T04:41:00.000Z    0:44.0",
      "footage  2025-11-21T04:41:00.000Z  2025-11-21T04:41:16.000Z    0:16.0         16  1.2 MB",
      "overlap of 0:16.0 from 2025-11-21T04:41:00.000Z to 2025-11-21T04:41:16.000Z: 8 fragments that repeat the time of others",
      "",
    ]);
  });

  test("prints the same as JSON, within the requested times", async () => {
    const { exitCode, stdout } = await doorstep([
      "coverage",
      "porch",
      "--stream",
      "--from",
      "2025-11-21T04:40:05Z",
      "--to",
      String(startMs + 30_000),
      "--json",
    ]);
    expect(exitCode).toBe(0);
    expect(JSON.parse(stdout)).toEqual({
      camera: "porch",
      streamName: "porch",
      startMs: startMs + 5000,
      endMs: startMs + 30_000,
      // The fragment that begins before the interval reaches into it.
      intervals: [
        { startMs: startMs + 4000, endMs: startMs + 16_000, fragments: 6, bytes: expect.any(Number) },
      ],
      gaps: [{ startMs: startMs + 16_000, endMs: startMs + 30_000 }],
      overlaps: [],
    });
  });

  test("says that there is no footage", async () => {
    expect(await doorstep(["coverage", "empty", "--stream"])).toEqual({
      exitCode: 0,
      stdout: "empty: no footage\n",
      stderr: "",
    });
    const ago = await doorstep(["coverage", "porch", "--stream", "--from", "-2h", "--to", "now", "--json"]);
    const { startMs: from, endMs: to, intervals, gaps } = JSON.parse(ago.stdout);
    expect([to - from, intervals, gaps]).toEqual([7_200_000, [], [{ startMs: from, endMs: to }]]);
  });

  test.each([
    ["seconds", ["--from", "1763700000"], "1763700000 looks like epoch seconds; expected epoch milliseconds"],
    ["no time", ["--to", "yesterday"], "--to yesterday: expected an ISO 8601 time with a zone"],
    ["a time without a zone", ["--from", "2025-11-21T04:40:00"], "expected an ISO 8601 time with a zone"],
    ["an end before the start", ["--from", "1h", "--to", "2h"], "--from must be before --to"],
  ])("refuses %s with exit code 2", async (_, flags, message) => {
    const { exitCode, stderr } = await doorstep(["coverage", "porch", "--stream", ...flags]);
    expect(exitCode).toBe(2);
    expect(stderr).toContain(message);
  });

  test("names a missing stream, with exit code 1", async () => {
    const { exitCode, stdout } = await doorstep(["coverage", "absent", "--stream", "--json"]);
    expect(exitCode).toBe(1);
    expect(JSON.parse(stdout).error.name).toBe("ResourceNotFoundException");
  });
});
