/**
 * Functions that convert the text of a JSON scalar to a value for DuckDB's JSON reader, by the column's type; undefined
 * where it doesn't fit. The accepted forms are those of AWS's JSON deserializer (observed by third parties).
 */

const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,9})?$/;
const NS_PER_MS = 1_000_000n;
/** Milliseconds that int64 nanoseconds hold. */
const MAX_EXACT_MS = 9_223_372_036_854;
const EPOCH_MS_FROM = 1e12;

/** A whole number in range, without fraction or exponent; as text, because a double can't represent 64 bits. */
export function coerceInteger(text: string, bits: 8 | 16 | 32 | 64): string | undefined {
  if (!/^[+-]?\d{1,40}$/.test(text)) return undefined;
  const value = BigInt(text.replace("+", ""));
  return BigInt.asIntN(bits, value) === value ? String(value) : undefined;
}

export function coerceFloating(text: string, bits: 32 | 64): number | undefined {
  const value = NUMBER.test(text) ? Number(text) : Number.NaN;
  return Number.isFinite(bits === 32 ? Math.fround(value) : value) ? value : undefined;
}

/** Rounded half up to the scale; as text. */
export function coerceDecimal(text: string, precision: number, scale: number): string | undefined {
  const match = /^([+-]?)(\d*)\.?(\d*)(?:[eE]([+-]?\d{1,9}))?$/.exec(text);
  if (!match || !NUMBER.test(text)) return undefined;
  const [, sign = "", whole = "", fraction = "", exponent = "0"] = match;
  const digits = (whole + fraction).replace(/^0+/, "");
  /** Position of the decimal point, counted from the end of `digits`, once the scale is applied. */
  const shift = Number(exponent) - fraction.length + scale;
  if (digits === "" || digits.length + shift < 0) return "0";
  if (digits.length + shift > precision) return undefined;
  const kept = shift >= 0 ? digits + "0".repeat(shift) : digits.slice(0, shift);
  const roundsUp = shift < 0 && digits.at(shift)! >= "5";
  const unscaled = String(BigInt(kept || "0") + (roundsUp ? 1n : 0n));
  if (unscaled.length > precision) return undefined;
  const padded = unscaled.padStart(scale + 1, "0");
  const point = padded.length - scale;
  return `${sign === "-" ? "-" : ""}${padded.slice(0, point)}${scale ? `.${padded.slice(point)}` : ""}`;
}

/** `yyyy-[M]M-[d]d` */
export function coerceDate(text: string): string | undefined {
  const match = /^(\d{4})-(\d{1,2})-(\d{1,2})$/.exec(text);
  const atMs = match ? utcMs(match.slice(1)) : undefined;
  return atMs === undefined ? undefined : new Date(atMs).toISOString().slice(0, 10);
}

const ISO = /^(\d{4})-(\d{2})-(\d{2})T(\d{2}):(\d{2}):(\d{2})(\.\d{1,9})?Z?$/;
const LENIENT = /^(\d{4})-(\d{1,2})-(\d{1,2}) (\d{1,2}):(\d{1,2}):(\d{1,2})(\.\d{1,9})?$/;

/**
 * `yyyy-MM-dd'T'HH:mm:ss[.S]['Z']`, `yyyy-[M]M-[d]d HH:mm:ss[.S]`, or an epoch number: below 1e12 seconds, from
 * there on milliseconds. Rounded to the millisecond. A time out of the range of int64 nanoseconds wraps, as on AWS
 * (observed).
 * @returns `yyyy-MM-dd HH:mm:ss.SSS`, UTC
 */
export function coerceTimestamp(text: string): string | undefined {
  if (isCanonical(text)) return `${text.slice(0, 10)} ${text.slice(11, 23)}`;
  const atMs = calendarMs(text) ?? epochMs(text);
  if (atMs === undefined) return undefined;
  const wrappedMs = () => Number(BigInt.asIntN(64, BigInt(atMs) * NS_PER_MS) / NS_PER_MS);
  return new Date(Math.abs(atMs) <= MAX_EXACT_MS ? atMs : wrappedMs())
    .toISOString()
    .replace("T", " ")
    .replace("Z", "");
}

/** Whether it is as JavaScript writes it, like most, which takes a fraction of the time of the forms below to see. */
function isCanonical(text: string): boolean {
  const date = new Date(text.length === 24 ? text : Number.NaN);
  return Math.abs(date.getTime()) <= MAX_EXACT_MS && date.toISOString() === text;
}

function calendarMs(text: string): number | undefined {
  const match = ISO.exec(text) ?? LENIENT.exec(text);
  if (!match) return undefined;
  const secondsMs = utcMs(match.slice(1, 7));
  return secondsMs === undefined ? undefined : secondsMs + Math.round(Number(`0${match[7] ?? ""}`) * 1000);
}

function epochMs(text: string): number | undefined {
  const value = NUMBER.test(text) ? Number(text) : Number.NaN;
  const atMs = Math.round(Math.abs(value) < EPOCH_MS_FROM ? value * 1000 : value);
  return Number.isSafeInteger(atMs) ? atMs : undefined;
}

/** Epoch milliseconds of year, month, day[, hour, minute, second]; undefined for a day or time that doesn't exist. */
function utcMs(fields: readonly (string | undefined)[]): number | undefined {
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = fields.map(Number);
  if (month < 1 || month > 12 || day < 1 || hour > 23 || minute > 59 || second > 59) return undefined;
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  return date.getUTCDate() === day ? date.setUTCHours(hour, minute, second) : undefined;
}
