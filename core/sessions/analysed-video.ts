import { SECOND_MS } from "../../base/durations.ts";
import { MAX_DURATION_SECONDS } from "../../schemas/engine.ts";
import type { ReceivedFragment, StoredFragment } from "../../schemas/fragment.ts";
import type { FrameSampling } from "../../schemas/notification.ts";
import type { Interval, Run } from "../../schemas/session.ts";
import { intersect, LONGEST_PAUSE_MS, subtract, union } from "./intervals.ts";

/** Longest fragment of Kinesis Video (documented: service quotas). */
export const LONGEST_FRAGMENT_MS = 20_000;
/** How much video may pass before a session that reads live video runs. */
const LONGEST_LEAD_MS = 90_000;
/**
 * How long a list may lack a fragment that the stream has received: ours. Lists are eventually consistent, typically in less
 * than a second (documented: ListFragments).
 */
const LONGEST_LIST_LAG_MS = 30_000;
/** The first span of time that is listed; each further one is four times as long. */
const FIRST_SPAN_MS = 120_000;

/** Lists a stream's fragments that begin in a range of producer or server time, both ends included, in any order. */
type ListFragments = (
  by: "producer" | "server",
  fromMs: number,
  untilMs: number,
) => Promise<readonly ReceivedFragment[]>;

/** Lists the fragments of a stream; `aws/fragments.ts` describes it. */
export type FragmentsOf = (streamName: string) => ListFragments;

/** What a session analysed. */
export interface AnalysedVideo {
  /** Producer time, ascending. */
  readonly intervals: readonly Interval[];
  /** What the stream has before the end of the last interval, analysed or not. */
  readonly stored: readonly Interval[];
  /** How much the session processed more than the fragments add up to: not listed yet, or not stored any more. */
  readonly missingMs: number;
  /** Until then, lists may lack the fragment with which the session began; undefined when this one had it. */
  readonly uncertainUntilMs?: number | undefined;
}

type SampledGap = FrameSampling["gaps"][number];

/** What the samples of a session of the engine `frames` stand for, as its notification says. */
export interface SampledVideo {
  /** Producer time, ascending. */
  readonly intervals: readonly Interval[];
  /** What no sample stands for, and never will. */
  readonly gaps: readonly SampledGap[];
  /** Up to where both reach. */
  readonly untilMs: number;
}

/**
 * A notification's samples as the ledger takes them. What lies outside any session that begins where the run does is left
 * out: a wrong time must not move the ledger. Time without video at the end is no gap yet.
 */
export function sampledVideo(
  { analysed, gaps }: FrameSampling,
  { videoStartMs, engine }: Pick<Run, "videoStartMs" | "engine">,
): SampledVideo {
  const longestMs = MAX_DURATION_SECONDS * SECOND_MS + (engine === "face-search" ? LONGEST_LEAD_MS : 0);
  const span = [{ fromMs: videoStartMs, untilMs: videoStartMs + longestMs }];
  const intervals = intersect(analysed, span);
  const within = gaps.flatMap(({ reason, ...gap }) =>
    intersect([gap], span).map((interval) => ({ ...interval, reason })),
  );
  const untilMs = Math.max(
    videoStartMs,
    intervals.at(-1)?.untilMs ?? 0,
    ...within.map((gap) => (gap.reason === "no-video" ? 0 : gap.untilMs)),
  );
  return { intervals, gaps: within.filter(({ fromMs }) => fromMs < untilMs), untilMs };
}

/** The run that ended, as far as it decides where its video was. */
type EndedRun = Pick<Run, "videoStartMs" | "calledAtMs"> & { readonly processedMs: number };

const intervalOf = ({ startMs, durationMs }: StoredFragment): Interval => ({
  fromMs: startMs,
  untilMs: startMs + durationMs,
});

const byNumber = (a: ReceivedFragment, b: ReceivedFragment): number =>
  BigInt(a.number) < BigInt(b.number) ? -1 : 1;

/** The intervals of video; pauses that are no gaps are part of them. */
export const videoOf = (fragments: readonly StoredFragment[]): Interval[] =>
  union(fragments.map(intervalOf), LONGEST_PAUSE_MS);

/**
 * The fragment with which a processor begins: of those that the stream has when the session starts, the one that contains
 * the requested time (documented: StartSelector), else the next later one; if there is none, the first to arrive
 * (unconfirmed: assumption `session-reads-as-get-media`).
 */
export function firstOf(
  fragments: readonly ReceivedFragment[],
  { videoStartMs, calledAtMs }: Omit<EndedRun, "processedMs">,
): ReceivedFragment | undefined {
  const reaching = fragments.filter(
    ({ startMs, durationMs }) => startMs >= videoStartMs || startMs + durationMs > videoStartMs,
  );
  const stored = reaching.filter(({ serverMs }) => serverMs <= calledAtMs);
  const containing = stored.filter(startsBy(videoStartMs));
  return (
    least(containing, byNumber) ??
    least(stored, (a, b) => a.startMs - b.startMs || byNumber(a, b)) ??
    least(reaching, byNumber)
  );
}

const startsBy =
  (atMs: number) =>
  ({ startMs }: StoredFragment): boolean =>
    startMs <= atMs;

/**
 * Until when lists may lack a fragment that the session would have begun with. Fragments are listed in the order in which
 * they arrived (unconfirmed): none is missing before one that arrived after the session started, nor before the first one
 * that contains the requested time.
 * @param nowMs when the first span was listed; the further ones were listed later, and show nothing about it
 */
function uncertainUntil(
  fragments: readonly ReceivedFragment[],
  first: ReceivedFragment | undefined,
  { videoStartMs, calledAtMs, processedMs }: EndedRun,
  nowMs: number,
): number | undefined {
  const untilMs = calledAtMs + LONGEST_LIST_LAG_MS;
  const isInFirstSpan = startsBy(videoStartMs - LONGEST_FRAGMENT_MS + FIRST_SPAN_MS);
  const isCertain =
    nowMs >= untilMs ||
    processedMs === 0 ||
    (first && startsBy(videoStartMs)(first)) ||
    fragments.some((fragment) => isInFirstSpan(fragment) && fragment.serverMs > calledAtMs);
  return isCertain ? undefined : untilMs;
}

const least = <T>(items: readonly T[], compare: (a: T, b: T) => number): T | undefined =>
  items.reduce<T | undefined>((min, item) => (min && compare(min, item) <= 0 ? min : item), undefined);

/**
 * The fragments that a session analysed: from its first one in the order of their numbers, which is the order in which
 * they arrived (documented: GetMedia), until they add up to the processed duration. The last one counts if at least half
 * of it was processed.
 */
function analysedOf(
  fragments: readonly ReceivedFragment[],
  first: ReceivedFragment,
  processedMs: number,
): Pick<AnalysedVideo, "intervals" | "missingMs"> {
  let leftMs = processedMs;
  const analysed: ReceivedFragment[] = [];
  for (const fragment of fragments.toSorted(byNumber)) {
    if (BigInt(fragment.number) < BigInt(first.number)) continue;
    if (leftMs * 2 < fragment.durationMs || leftMs <= 0) {
      leftMs = 0;
      break;
    }
    leftMs -= fragment.durationMs;
    analysed.push(fragment);
  }
  return { intervals: videoOf(analysed), missingMs: Math.max(0, leftMs) };
}

/**
 * Lists the video that an ended session analysed.
 * @param nowMs no fragment was received later
 * @param latestMs no video is later, in producer time
 * @throws what `list` throws
 */
export async function readAnalysed(
  list: ListFragments,
  run: EndedRun,
  { nowMs, latestMs }: { nowMs: number; latestMs: number },
): Promise<AnalysedVideo> {
  const sought = await listUntil(
    list,
    "producer",
    run.videoStartMs - LONGEST_FRAGMENT_MS,
    latestMs,
    (found) => (firstOf(found, run)?.serverMs ?? Infinity) <= run.calledAtMs,
  );
  const first = firstOf(sought, run);
  const uncertainUntilMs = uncertainUntil(sought, first, run, nowMs);
  if (!first || uncertainUntilMs !== undefined)
    return { intervals: [], stored: [], missingMs: run.processedMs, uncertainUntilMs };
  const fragments = await listUntil(
    list,
    "server",
    first.serverMs,
    nowMs,
    (found) => analysedOf(found, first, run.processedMs).missingMs === 0,
  );
  const analysed = analysedOf(fragments, first, run.processedMs);
  const untilMs = analysed.intervals.at(-1)?.untilMs ?? run.videoStartMs;
  const holes = subtract([{ fromMs: run.videoStartMs, untilMs }], analysed.intervals);
  if (holes.length === 0) return { ...analysed, stored: analysed.intervals };
  const stored = await list("producer", run.videoStartMs - LONGEST_FRAGMENT_MS, untilMs);
  return { ...analysed, stored: videoOf(stored) };
}

/** Lists longer and longer spans of time, one after another, until there is enough. */
async function listUntil(
  list: ListFragments,
  by: "producer" | "server",
  fromMs: number,
  untilMs: number,
  isEnough: (found: readonly ReceivedFragment[]) => boolean,
): Promise<ReceivedFragment[]> {
  const found: ReceivedFragment[] = [];
  let spanMs = FIRST_SPAN_MS;
  for (let atMs = fromMs; atMs <= untilMs; spanMs *= 4) {
    const endMs = Math.min(atMs + spanMs, untilMs);
    found.push(...(await list(by, atMs, endMs)));
    if (isEnough(found)) break;
    atMs = endMs + 1;
  }
  return found;
}
