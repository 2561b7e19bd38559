import { describe, expect, test } from "@jest/globals";
import { readAnalysed } from "../../../core/sessions/analysed-video.ts";
import type { ReceivedFragment } from "../../../schemas/fragment.ts";

/** 2026-11-21T12:00:00Z; all times are in seconds after it. */
const NOON_MS = 1_795_262_400_000;
const at = (seconds: number): number => NOON_MS + seconds * 1000;

/** A fragment of two seconds. */
const fragment = (number: number, startSeconds: number, receivedSeconds: number): ReceivedFragment => ({
  number: String(number),
  startMs: at(startSeconds),
  durationMs: 2000,
  serverMs: at(receivedSeconds),
  sizeBytes: 1,
});

/** What a session was found to have analysed that was asked for at second 100, for the video from second 0 on. */
const read = (listed: readonly ReceivedFragment[], nowSeconds: number, processedSeconds = 2) =>
  readAnalysed(
    (by, fromMs, untilMs) =>
      Promise.resolve(
        listed.filter(({ startMs, serverMs }) => {
          const timeMs = by === "producer" ? startMs : serverMs;
          return fromMs <= timeMs && timeMs <= untilMs;
        }),
      ),
    { videoStartMs: at(0), calledAtMs: at(100), processedMs: processedSeconds * 1000 },
    { nowMs: at(nowSeconds), latestMs: at(nowSeconds) },
  );
const analysed = (fromSeconds: number) => ({
  intervals: [{ fromMs: at(fromSeconds), untilMs: at(fromSeconds + 2) }],
  missingMs: 0,
});

describe("the fragment with which a session began", () => {
  test("is the one that contains the requested time, as soon as it is listed", async () => {
    expect(await read([fragment(1, -1, 50)], 103)).toMatchObject(analysed(-1));
  });

  test("is a later one only if something is listed that arrived after the session started", async () => {
    const listed = [fragment(1, 40, 50), fragment(3, 42, 101)];
    expect(await read(listed, 103)).toMatchObject(analysed(40));
  });

  test("or half a minute has passed: until then, a list may lack what arrived before the session started", async () => {
    const listed = [fragment(1, 40, 50)];
    const uncertain = { intervals: [], stored: [], missingMs: 2000, uncertainUntilMs: at(130) };
    expect(await read(listed, 129)).toEqual(uncertain);
    expect(await read([], 129)).toEqual(uncertain);
    expect(await read(listed, 130)).toMatchObject(analysed(40));
    expect(await read([fragment(2, 10, 90), ...listed], 130)).toMatchObject(analysed(10));
  });

  test("is not looked for once more when the session processed nothing", async () => {
    expect(await read([fragment(1, 40, 50)], 103, 0)).toMatchObject({ intervals: [], missingMs: 0 });
  });
});
