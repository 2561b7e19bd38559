import { DAY_MS, MINUTE_MS } from "../base/durations.ts";
import { SourceError } from "./sources/source.ts";
import { timesInZone } from "./zone-time.ts";

/** An earlier start is in seconds instead of milliseconds. */
export const EARLIEST_PLAUSIBLE_MS = Date.UTC(2000, 0);
const LATEST_PLAUSIBLE_MS = Date.UTC(2100, 0);

const ISO_8601 = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}([.,]\d{1,9})?)?(Z|[+-]\d{2}:?\d{2}))?$/;

/**
 * Checks a producer time in epoch milliseconds.
 * @throws RangeError with the hint when it looks like seconds
 */
function checkStartMs(startMs: number): number {
  if (Number.isInteger(startMs) && startMs >= EARLIEST_PLAUSIBLE_MS && startMs < LATEST_PLAUSIBLE_MS)
    return startMs;
  const asMs = startMs * 1000;
  const areSeconds = asMs >= EARLIEST_PLAUSIBLE_MS && asMs < LATEST_PLAUSIBLE_MS;
  throw new RangeError(
    `the start ${startMs} is not in epoch milliseconds, such as ${1_700_000_000_000}` +
      (areSeconds ? `; it looks like seconds: did you mean ${Math.round(asMs)}?` : ""),
  );
}

/**
 * Parses a start time: ISO 8601 with its offset from UTC (a date is midnight UTC), or epoch milliseconds.
 * @throws RangeError with what was expected
 */
export function parseStart(text: string): number {
  if (/^\d+(\.\d+)?$/.test(text)) return checkStartMs(Number(text));
  const atMs = ISO_8601.test(text) ? Date.parse(text.replace(",", ".")) : NaN;
  if (Number.isNaN(atMs))
    throw new RangeError(
      `the start ${text} is not a time; expected ISO 8601 such as 2025-11-21T04:40:00Z, or epoch milliseconds`,
    );
  return checkStartMs(atMs);
}

/** Whose time an upload takes: the one that was given, the file's creation time, or the clock's. */
export type StartFrom = "given" | "file" | "now";

/** How an upload is to find the producer time of the first frame. */
export interface StartOptions {
  /** Producer time of the first frame, epoch milliseconds. */
  readonly startMs?: number;
  /**
   * `file`: the file's creation time, however long ago. `now`: as if the recording had just ended, or, in real time,
   * began now. Default: the file's creation time, which must lie within the last day. Without one, now.
   */
  readonly startFrom?: "file" | "now";
  /** The time zone (IANA) of a camera that writes its wall clock as if it were UTC. */
  readonly zone?: string;
}

/** How far a camera's clock may be ahead. */
const MAX_LEAD_MS = MINUTE_MS;
/** Motion that is older is not analysed, so video that is older by mistake would be lost to sight. */
const MAX_AGE_MS = DAY_MS;

/**
 * Chooses the producer time of a source's first frame. Nothing lands in the future or over a day ago unless that
 * was requested.
 * @param recorded of a source that may have a creation time; `durationMs` is undefined for a live one
 * @throws SourceError IMPLAUSIBLE_TIME for a creation time in the future, over a day ago, or that its zone has twice
 * @throws RangeError for an implausible `startMs`
 */
export function chooseStart(
  recorded: { readonly recordedAtMs: number | undefined; readonly durationMs: number | undefined },
  { startMs, startFrom, zone }: StartOptions,
  { nowMs, isRealtime }: { nowMs: number; isRealtime: boolean },
): { startMs: number; startFrom: StartFrom } {
  const { recordedAtMs, durationMs = 0 } = recorded;
  if (startMs !== undefined) return { startMs: checkStartMs(startMs), startFrom: "given" };
  if (startFrom === "now" || recordedAtMs === undefined)
    return { startMs: nowMs - (isRealtime ? 0 : Math.ceil(durationMs)), startFrom: "now" };
  const atMs = zone === undefined ? recordedAtMs : inZone(recordedAtMs, zone);
  checkRecorded(atMs, durationMs, nowMs, startFrom === "file");
  return { startMs: checkStartMs(atMs), startFrom: "file" };
}

function inZone(wallMs: number, zone: string): number {
  const [first, second] = timesInZone(wallMs, zone);
  const wall = iso(wallMs).slice(0, 19).replace("T", " ");
  if (first === undefined)
    throw new SourceError(
      "IMPLAUSIBLE_TIME",
      `its creation time ${wall} does not exist in ${zone}; give --start`,
    );
  if (second !== undefined)
    throw new SourceError(
      "IMPLAUSIBLE_TIME",
      `its creation time ${wall} occurs twice in ${zone}; give --start ${iso(first)} or ${iso(second)}`,
    );
  return first;
}

function checkRecorded(atMs: number, durationMs: number, nowMs: number, mayBeOld: boolean): void {
  const refuse = (where: string, remedy: string) =>
    new SourceError("IMPLAUSIBLE_TIME", `its creation time ${iso(atMs)} lies ${where}; ${remedy}`);
  const now = "--start now sends it as if it had just been recorded";
  if (atMs + durationMs > nowMs + MAX_LEAD_MS)
    throw refuse(
      "in the future",
      `if the camera writes its wall clock as UTC, give its --zone, e.g. --zone Europe/Berlin; ${now}`,
    );
  if (atMs < nowMs - MAX_AGE_MS && !mayBeOld)
    throw refuse("over a day ago, and older video is not analysed", `--start file keeps that time; ${now}`);
}

const iso = (ms: number): string => new Date(ms).toISOString();
