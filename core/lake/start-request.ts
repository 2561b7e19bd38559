import { readEpochMs, readNumber } from "../../schemas/values.ts";

/** The session's start, from a notification's `startStreamProcessorRequest`; null where that does not say. */
export interface StartRequest {
  /** Producer time of the first video to analyse, epoch milliseconds. */
  startedAtMs: number | null;
  /** How much video to analyse at most, whole seconds. */
  maxDurationSeconds: number | null;
}

const LENGTHS = new Set(
  ["producertimestamp", "kvsproducertimestamp", "maxdurationinseconds"].map((key) => key.length),
);
const MAX_DEPTH = 4;
const MAX_KEYS = 64;
const MAX_DURATION_SECONDS = 86_400;

/**
 * Reads the request leniently: its content is unconfirmed, and the guide's own example misplaces StopSelector and has a
 * `KVSProducerTimestamp` that is not in the API. Keys match in any case and at any depth, the first of a kind wins, and
 * an invalid value is null, never an error.
 */
export function readStartRequest(request: unknown): StartRequest {
  const found: StartRequest = { startedAtMs: null, maxDurationSeconds: null };
  let keysLeft = MAX_KEYS;

  const search = (value: unknown, depth: number): void => {
    if (typeof value !== "object" || value === null || depth > MAX_DEPTH) return;
    for (const key in value) {
      if (keysLeft-- <= 0) return;
      const field: unknown = (value as Record<string, unknown>)[key];
      // Lower-casing is slow, and the length rules out most keys.
      switch (LENGTHS.has(key.length) ? key.toLowerCase() : "") {
        case "producertimestamp":
        case "kvsproducertimestamp":
          found.startedAtMs ??= readEpochMs(field) ?? null;
          break;
        case "maxdurationinseconds":
          found.maxDurationSeconds ??= readSeconds(field);
          break;
        default:
          search(field, depth + 1);
      }
    }
  };
  search(request, 1);
  return found;
}

function readSeconds(value: unknown): number | null {
  const seconds = readNumber(value);
  return Number.isInteger(seconds) && seconds! >= 0 && seconds! <= MAX_DURATION_SECONDS ? seconds! : null;
}
