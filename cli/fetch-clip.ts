import { access, rename, rm } from "node:fs/promises";
import { forEachConcurrently } from "../base/concurrency.ts";
import type { Footage } from "../operator/footage.ts";
import type { ClipPart } from "../analysis/clip-plan.ts";
import { gapsBetween, type Span } from "../analysis/coverage.ts";
import { LONGEST_PAUSE_MS } from "../core/sessions/intervals.ts";
import { joinParts, videoDurationMs, type JoinedPart } from "./join-parts.ts";
import { iso } from "./text.ts";

/** GetClip calls at a time: a stream allows a few a second. */
const MAX_CALLS = 3;

interface FetchOptions {
  readonly footage: Footage;
  readonly file: string;
  /** `keep`: gaps keep their duration in the clip. `close`: gaps are cut out. */
  readonly gaps: "keep" | "close";
  readonly signal: AbortSignal;
  /** Whether an existing file may be replaced. */
  readonly force: boolean;
  readonly onProgress: (text: string) => void;
}

/** The interval that a fetched clip covers, in producer time. */
interface FetchedClip extends Span {
  /** The intervals within it that have no footage, or that GetClip did not return. */
  readonly gaps: readonly Span[];
}

/**
 * Fetches the parts of a clip and joins them into the file, which is written whole or not at all.
 * @throws Error of GetClip, of the disk, or when the file exists
 */
export async function fetchClip(parts: readonly ClipPart[], options: FetchOptions): Promise<FetchedClip> {
  const { file, gaps, signal, force, onProgress } = options;
  const files = parts.map((_, index) => `${file}.part${index + 1}`);
  const joined = `${file}.joined`;
  try {
    const got = await fetchParts(parts, files, options);
    if (parts.length > 1)
      await joinParts(placed(got, files, gaps), joined, {
        signal,
        onPart: (done) => onProgress(`joined ${done} of ${parts.length} parts`),
      });
    signal.throwIfAborted();
    // It may have been created meanwhile.
    if (!force) await refuseExisting(file);
    await rename(parts.length > 1 ? joined : files[0]!, file);
    return { startMs: got[0]!.startMs, endMs: got.at(-1)!.endMs, gaps: gapsBetween(got) };
  } finally {
    await Promise.all([joined, ...files].map((one) => rm(one, { force: true })));
  }
}

/** @throws Error when the file exists */
export async function refuseExisting(file: string): Promise<void> {
  const exists = await access(file).then(
    () => true,
    () => false,
  );
  if (exists) throw new Error(`${file} exists; --force replaces it`);
}

/** Returns the interval that each part covers: GetClip does not say when it returns less than requested. */
async function fetchParts(
  parts: readonly ClipPart[],
  files: readonly string[],
  { footage, signal, onProgress }: FetchOptions,
): Promise<Span[]> {
  const got: Span[] = [];
  const failure = new AbortController();
  const ended = AbortSignal.any([signal, failure.signal]);
  let fetched = 0;
  const fetchPart = async ([index, part]: readonly [number, ClipPart]): Promise<void> => {
    if (failure.signal.aborted) return;
    try {
      // The end must be later than the start, even of a single fragment (documented: ClipTimestampRange).
      await footage.clip({ fromMs: part.startMs, toMs: part.lastStartMs + 1 }, files[index]!, ended);
      const durationMs = await videoDurationMs(files[index]!);
      const isWhole = part.endMs - part.startMs - durationMs <= LONGEST_PAUSE_MS;
      const endMs = isWhole ? part.endMs : Math.round(part.startMs + durationMs);
      got[index] = { startMs: part.startMs, endMs };
      onProgress(`fetched ${++fetched} of ${parts.length} parts`);
    } catch (error) {
      failure.abort(error);
    }
  };
  await forEachConcurrently([...parts.entries()], { limit: MAX_CALLS }, fetchPart);
  failure.signal.throwIfAborted();
  return got;
}

/** The place of each part in the joined file. */
function placed(got: readonly Span[], files: readonly string[], gaps: "keep" | "close"): JoinedPart[] {
  const [first] = got;
  let endMs = 0;
  return got.map((part, index) => {
    const gapMs = part.startMs - (got[index - 1]?.endMs ?? part.startMs);
    const isClosed = gaps === "close" && gapMs > LONGEST_PAUSE_MS;
    const keptMs = gaps === "keep" ? part.startMs - first!.startMs : endMs + (isClosed ? 0 : gapMs);
    endMs = keptMs + part.endMs - part.startMs;
    return { file: files[index]!, atMs: keptMs, name: iso(part.startMs) };
  });
}
