/**
 * Readers of single values in a notification. Each takes a JSON value and returns it normalised, or undefined if it is
 * invalid.
 */
import { ENGINES, type EngineName } from "./engine.ts";
import { LAKE_BEGINS_MS } from "./tables/column.ts";

const NUMERIC_TEXT = /^[+-]?\d+(?:\.\d+)?(?:e[+-]?\d+)?$/i;
const MAX_NUMERIC_TEXT_LENGTH = 64;

/** A finite number, or text that is one. Booleans, NaN and infinities are invalid. */
export function readNumber(value: unknown): number | undefined {
  const number = typeof value === "string" ? numberFromText(value) : value;
  return typeof number === "number" && Number.isFinite(number) ? number : undefined;
}

function numberFromText(text: string): number | undefined {
  const trimmed = text.length <= MAX_NUMERIC_TEXT_LENGTH ? text.trim() : "";
  return NUMERIC_TEXT.test(trimmed) ? Number(trimmed) : undefined;
}

/** Epoch numbers in this range are seconds (2001 to 5138); as milliseconds they would lie before 1973-03-04. */
const MIN_EPOCH_SECONDS = 1e9;
const MAX_EPOCH_SECONDS = 1e11;
/** 2100-01-01: a larger number is not a time of this lake in any unit. */
const LAKE_ENDS_MS = 4_102_444_800_000;

/**
 * An epoch time in whole milliseconds, from the lake's beginning on. Rekognition documents its times as "number" without
 * a unit; milliseconds are observed (a public consumer), seconds with fractions are accepted too.
 */
export function readEpochMs(value: unknown): number | undefined {
  const number = readNumber(value);
  if (number === undefined) return undefined;
  const isSeconds = number >= MIN_EPOCH_SECONDS && number < MAX_EPOCH_SECONDS;
  const epochMs = Math.round(isSeconds ? number * 1000 : number);
  return epochMs >= LAKE_BEGINS_MS && epochMs < LAKE_ENDS_MS ? epochMs : undefined;
}

/** Longest plausible duration: sessions last minutes, fragments seconds. */
const MAX_DURATION_MS = 86_400_000;

/** A duration in whole milliseconds, from 0 to a day. */
export function readDurationMs(value: unknown): number | undefined {
  const number = readNumber(value);
  return number !== undefined && number >= 0 && number <= MAX_DURATION_MS ? Math.round(number) : undefined;
}

/** More than any session counts. */
const MAX_COUNT = 1_000_000;

/** A whole number from 0 to a million. */
export function readCount(value: unknown): number | undefined {
  const number = readNumber(value);
  return Number.isInteger(number) && number! >= 0 && number! <= MAX_COUNT ? number : undefined;
}

/** An engine's confidence, 0 to 100. */
export function readConfidence(value: unknown): number | undefined {
  const number = readNumber(value);
  return number !== undefined && number >= 0 && number <= 100 ? number : undefined;
}

/** How far a box may exceed the frame because of rounding, as a ratio of the frame. */
const BOX_NOISE = 1e-6;

/** A ratio of the frame's width or height, 0..1; excess because of rounding is cut off. */
export function readShare(value: unknown): number | undefined {
  const number = readNumber(value);
  if (number === undefined || number < -BOX_NOISE || number > 1 + BOX_NOISE) return undefined;
  return Math.min(Math.max(number, 0), 1);
}

/** A {@link readShare} above 0. */
export function readExtent(value: unknown): number | undefined {
  const share = readShare(value);
  return share !== undefined && share > 0 ? share : undefined;
}

/** The extent of a box from `start`, cut off at the frame's edge if it exceeds it because of rounding. */
export function fitExtent(start: number, extent: number): number | undefined {
  const end = start + extent;
  if (end <= 1) return extent;
  return end <= 1 + BOX_NOISE && start < 1 ? 1 - start : undefined;
}

const matching = (pattern: RegExp) => (value: unknown) =>
  typeof value === "string" && pattern.test(value) ? value : undefined;

const MAX_ID_LENGTH = 512;
const INK = /\S/;
const LINE_END = /[\n\r\u2028\u2029]/;

/** A service's id: opaque text of one line that is not blank. */
export function readId(value: unknown): string | undefined {
  if (typeof value !== "string" || value.length > MAX_ID_LENGTH) return undefined;
  return INK.test(value) && !LINE_END.test(value) ? value : undefined;
}

/** A Kinesis Video fragment number: 1 to 128 digits (documented: Rekognition API, KinesisVideoStreamStartSelector). */
export const readFragmentNumber = matching(/^\d{1,128}$/);

/** The address of an image: `s3://bucket/key`. */
export const readImageUri = matching(/^s3:\/\/[a-z0-9.-]{3,63}\/./);

const STREAM_ARN = /^arn:aws(?:-[a-z]+)*:kinesisvideo:[a-z0-9-]+:\d{12}:stream\/[\w.-]{1,256}\/\d{1,20}$/;
let lastStreamArn: unknown;

/** A Kinesis video stream's ARN in any partition (documented: Service Authorization Reference). */
export function readStreamArn(value: unknown): string | undefined {
  // Notifications of a camera often follow each other.
  if (value !== lastStreamArn) {
    if (typeof value !== "string" || !STREAM_ARN.test(value)) return undefined;
    lastStreamArn = value;
  }
  return lastStreamArn as string;
}

const LABEL_NAME = /^[A-Z0-9][A-Z0-9 _.,&'()/-]{0,127}$/;

/** A label's name, trimmed and in capitals. The engine decides which names there are. */
export function readLabelName(value: unknown): string | undefined {
  if (typeof value !== "string") return undefined;
  const name = value.trim().toUpperCase();
  return LABEL_NAME.test(name) ? name : undefined;
}

/** Tags: an object of texts. */
export function readTags(value: unknown): Record<string, string> | undefined {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return undefined;
  for (const key in value) {
    if (typeof (value as Record<string, unknown>)[key] !== "string") return undefined;
  }
  return value as Record<string, string>;
}

/** Any text. */
export const readText = (value: unknown) => (typeof value === "string" ? value : undefined);

/** The name of an engine. */
export const readEngine = (value: unknown): EngineName | undefined => ENGINES.find((one) => one === value);
