import { access, rename, rm } from "node:fs/promises";
import type { Footage } from "../operator/footage.ts";
import type { ClipPart } from "../analysis/clip-plan.ts";
import { GAP_TOLERANCE_MS, gapsBetween, type Span } from "../analysis/coverage.ts";
import { joinParts, videoDurationMs, type JoinedPart } from "./join-parts.ts";
import { iso } from "./text.ts";

/** Calls of GetClip at a time; a stream takes a few a second, and the disk has room for those of all. */
const MAX_CALLS = 3;

export interface FetchOptions {
  readonly footage: Footage;
  readonly file: string;
  /** `keep`: a gap lasts in the clip as long as it did. `close`: what follows a gap begins where it begins. */
  readonly gaps: "keep" | "close";
  readonly signal: AbortSignal;
  /** Whether a file of that name may be replaced. */
  readonly force: boolean;
  readonly onProgress: (text: string) => void;
}

/** What came, in producer time. */
export interface FetchedClip extends Span {
  /** Within what came, the time of which there is no footage or GetClip gave none. */
  readonly gaps: readonly Span[];
}

/**
 * Fetches the parts of a clip and joins them into the file, which is there whole or not at all.
 * @throws Error of GetClip, of the disk, or when the file exists already
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
    // It may have come meanwhile.
    if (!force) await refuseExisting(file);
    await rename(parts.length > 1 ? joined : files[0]!, file);
    return { startMs: got[0]!.startMs, endMs: got.at(-1)!.endMs, gaps: gapsBetween(got) };
  } finally {
    await Promise.all([joined, ...files].map((one) => rm(one, { force: true })));
  }
}

/** @throws Error when there is such a file */
export async function refuseExisting(file: string): Promise<void> {
  const exists = await access(file).then(
    () => true,
    () => false,
  );
  if (exists) throw new Error(`${file} exists; --force replaces it`);
}

/** A few at a time. Returns what each really covers: GetClip does not say when it gives less than was asked for. */
async function fetchParts(
  parts: readonly ClipPart[],
  files: readonly string[],
  { footage, signal, onProgress }: FetchOptions,
): Promise<Span[]> {
  const got: Span[] = [];
  const failure = new AbortController();
  const ended = AbortSignal.any([signal, failure.signal]);
  let next = 0;
  let fetched = 0;
  const fetchNext = async (): Promise<void> => {
    for (let index = next++; index < parts.length; index = next++) {
      const part = parts[index]!;
      // The end must be later than the start (documented: ClipTimestampRange), also of a single fragment.
      await footage.clip({ fromMs: part.startMs, toMs: part.lastStartMs + 1 }, files[index]!, ended);
      const lastsMs = await videoDurationMs(files[index]!);
      const isWhole = part.endMs - part.startMs - lastsMs <= GAP_TOLERANCE_MS;
      got[index] = {
        startMs: part.startMs,
        endMs: isWhole ? part.endMs : Math.round(part.startMs + lastsMs),
      };
      onProgress(`fetched ${++fetched} of ${parts.length} parts`);
    }
  };
  const calls = Array.from({ length: Math.min(MAX_CALLS, parts.length) }, () =>
    fetchNext().catch((error: unknown) => {
      failure.abort(error);
      throw error;
    }),
  );
  const failed = (await Promise.allSettled(calls)).find(({ status }) => status === "rejected");
  if (failed) throw failure.signal.reason;
  return got;
}

/** Where each part goes in the joined file. */
function placed(got: readonly Span[], files: readonly string[], gaps: "keep" | "close"): JoinedPart[] {
  const [first] = got;
  let endMs = 0;
  return got.map((part, index) => {
    const gapMs = part.startMs - (got[index - 1]?.endMs ?? part.startMs);
    const isClosed = gaps === "close" && gapMs > GAP_TOLERANCE_MS;
    const keptMs = gaps === "keep" ? part.startMs - first!.startMs : endMs + (isClosed ? 0 : gapMs);
    endMs = keptMs + part.endMs - part.startMs;
    return { file: files[index]!, atMs: keptMs, name: iso(part.startMs) };
  });
}
