import { mkdtemp, rename, rm, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import type { Clock } from "../../../base/clock.ts";
import { finishedFiles } from "../../../uploader/sources/directory.ts";
import { SentFiles } from "../../../uploader/sources/sent-files.ts";
import { isFinished, observe } from "../../../uploader/sources/watch.ts";

describe("isFinished", () => {
  const nowMs = 1_763_700_000_000;
  const state = { sizeBytes: 10, modifiedAtMs: nowMs };

  test("a file is finished when it has not changed for three seconds", () => {
    const first = observe(undefined, state, nowMs);
    expect(isFinished(first, nowMs)).toBe(false);
    const same = observe(first, state, nowMs + 2_999);
    expect(isFinished(same, nowMs + 2_999)).toBe(false);
    expect(isFinished(same, nowMs + 3_000)).toBe(true);
    const grown = observe(same, { ...state, sizeBytes: 11 }, nowMs + 3_000);
    expect(isFinished(grown, nowMs + 3_000)).toBe(false);
  });

  test("a file that was written long ago is finished at the first observation, an empty one never", () => {
    const old = { sizeBytes: 10, modifiedAtMs: nowMs - 30_000 };
    expect(isFinished(observe(undefined, old, nowMs), nowMs)).toBe(true);
    expect(isFinished(observe(undefined, { ...old, sizeBytes: 0 }, nowMs), nowMs)).toBe(false);
  });
});

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "doorstep-watch-"));
});
afterEach(() => rm(folder, { recursive: true }));

describe("finishedFiles", () => {
  test("yields finished files, later ones too, and changed ones again", async () => {
    let nowMs = Date.now();
    const events: (() => Promise<void>)[] = [];
    const stop = new AbortController();
    const clock: Clock = {
      offsetMs: 0,
      now: () => nowMs,
      after: (delayMs, run) => {
        nowMs += delayMs;
        void (async () => {
          await (events.shift() ?? (async () => stop.abort()))();
          run();
        })();
        return { cancel: () => {} };
      },
    };
    const path = (name: string) => join(folder, name);
    const old = new Date(nowMs - 60_000);
    await writeFile(path("old.mp4"), "a");
    await utimes(path("old.mp4"), old, old);
    await writeFile(path("notes.txt"), "no video");
    await writeFile(path(".hidden.mp4"), "being written");
    await writeFile(path("growing.mkv"), "a");
    const nothing = async () => {};
    events.push(
      () => writeFile(path("growing.mkv"), "ab"),
      () => rename(path(".hidden.mp4"), path("renamed.mov")),
      nothing,
      nothing,
      nothing,
      () => writeFile(path("old.mp4"), "something else"),
      nothing,
      nothing,
      nothing,
    );
    const seen: string[] = [];
    for await (const { name } of finishedFiles({ folder, watch: true, clock, signal: stop.signal }))
      seen.push(name);
    expect(seen).toEqual(["old.mp4", "growing.mkv", "renamed.mov", "old.mp4"]);
  });
});

describe("SentFiles", () => {
  const file = { sha256: "a1", name: "one.mp4", sizeBytes: 5, modifiedAtMs: 7, startMs: 1_763_700_000_000 };

  test("keeps over a restart what was sent to which stream, and how far", async () => {
    const path = join(folder, "state");
    const sent = await SentFiles.open(path, "front");
    await sent.record({ ...file, safeBelow: 3, isDone: false });
    await (await SentFiles.open(path, "back")).record({ ...file, sha256: "b2", safeBelow: 1, isDone: true });
    await sent.record({ ...file, safeBelow: 8, isDone: true });

    const again = await SentFiles.open(path, "front");
    expect(again.find("a1")).toEqual({ ...file, stream: "front", safeBelow: 8, isDone: true });
    expect(again.find("b2")).toBeUndefined();
    expect(again.hashOf("one.mp4", { sizeBytes: 5, modifiedAtMs: 7 })).toBe("a1");
    expect(again.hashOf("one.mp4", { sizeBytes: 6, modifiedAtMs: 7 })).toBeUndefined();
    expect((await SentFiles.open(path, "back")).find("b2")?.safeBelow).toBe(1);
  });

  test("ignores a line that a crash has truncated", async () => {
    const path = join(folder, "state");
    await (await SentFiles.open(path, "front")).record({ ...file, safeBelow: 3, isDone: false });
    await writeFile(path, '{"stream":"front","sha2', { flag: "a" });
    expect((await SentFiles.open(path, "front")).find("a1")?.safeBelow).toBe(3);
  });
});
