/** An earlier start is in seconds instead of milliseconds. */
export const EARLIEST_PLAUSIBLE_MS = Date.UTC(2000, 0);
const LATEST_PLAUSIBLE_MS = Date.UTC(2100, 0);

const ISO_8601 = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}([.,]\d{1,9})?)?(Z|[+-]\d{2}:?\d{2}))?$/;

/**
 * Checks a producer time in epoch milliseconds.
 * @throws RangeError with the hint when it looks like seconds
 */
export function checkStartMs(startMs: number): number {
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
