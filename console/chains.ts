import { GENERATED_PREFIX } from "../analysis/synthetic/camera.ts";
import { chunksOf } from "../base/chunks.ts";
import { HOUR_MS, SECOND_MS } from "../base/durations.ts";
import {
  MAX_SHOWN_DETECTIONS,
  type Chain,
  type Chains,
  type ChainsQuery,
} from "../schemas/console/chains.ts";
import type { ConsoleCloud } from "./cloud.ts";
import type { Handlers } from "./handlers.ts";
import {
  chainIdOf,
  compareChains,
  facesIn,
  placeOf,
  type ChainFacts,
  type ChainPlace,
} from "./lake/chains.ts";
import type { DetectionFact, HourFacts } from "./lake/facts.ts";
import { hourName, hourStartMs, type HourName } from "./lake/reader.ts";
import type { Persons } from "./persons.ts";
import { pictureUrl } from "./pictures.ts";

/** A request goes no further back once it took this long or read this many hours; the next one continues. */
const MAX_SEARCH_MS = 2 * SECOND_MS;
const MAX_HOURS = 24 * 62;
/** Hours of which all are read at once, at first and later. */
const FIRST_BATCH = 2;
const LARGEST_BATCH = 96;
/** How many hours beyond a page's chains are read for their ends. */
const MAX_AHEAD = 24;
const REVIEWS_AT_ONCE = 100;

/** A hyphen begins no camera's id, so this place is after every chain that begins at the time. */
const afterAllAt = (startedAtMs: number): ChainPlace => ({ startedAtMs, cameraId: "-" });

export const isSynthetic = (cameraId: string): boolean => cameraId.startsWith(GENERATED_PREFIX);

export const chainHandlers = (cloud: ConsoleCloud): Pick<Handlers, "listChains" | "reviewChain"> => ({
  listChains: ({ query }, { signal }) => listChains(cloud, query, signal),

  async reviewChain({ parameters: { chainId }, body: { reviewed } }) {
    if (reviewed) await cloud.reviews.add(chainId, cloud.clock.now());
    else await cloud.reviews.remove(chainId);
    return { chainId, isReviewed: reviewed };
  },
});

/** A page of chains in which something was detected, the latest first, from the latest hours of the lake backwards. */
async function listChains(cloud: ConsoleCloud, query: ChainsQuery, signal: AbortSignal): Promise<Chains> {
  const { lake, clock, reviews } = cloud;
  const persons = await cloud.persons();
  // A filter may need the marks of every chain in the lake, a page those of its own alone.
  const marked = query.reviewed === undefined ? undefined : await reviews.list();
  const matches = matcherOf(query, persons);
  const before = query.before === undefined ? undefined : placeOf(query.before);
  const lastMs = Math.min(before?.startedAtMs ?? Infinity, (query.until ?? Infinity) - 1);
  const until = Number.isFinite(lastMs) ? hourName(Math.max(0, lastMs)) : undefined;
  const beganAtMs = clock.now();
  const page: { readonly facts: ChainFacts; readonly isReviewed: boolean }[] = [];
  let ahead: readonly HourFacts[] = until === undefined ? [] : await factsAfter(until, cloud);
  let hoursRead = 0;

  for await (const batch of batchesBack(cloud, until)) {
    signal.throwIfAborted();
    const facts = await lake.factsOf(batch.hours);
    hoursRead += batch.hours.length;
    // One more hour, in which the first session of a chain may begin whose other sessions are in the batch.
    const [behind] = batch.behind === undefined ? [] : await lake.factsOf([batch.behind]);
    const fromMs = hourStartMs(batch.hours.at(-1)!);
    const chains = lake.chainsOf([...ahead, ...facts, ...(behind ? [behind] : [])]);
    const due = chains
      .filter(
        (chain) =>
          chain.startedAtMs >= fromMs &&
          // Otherwise its first session is in an hour that is not read yet.
          (chain.ledgerStartedAtMs ?? fromMs) >= fromMs - HOUR_MS &&
          (batch.aboveMs === undefined || chain.startedAtMs < batch.aboveMs) &&
          (before === undefined || compareChains(before, chain) < 0) &&
          matches(chain),
      )
      .toSorted(compareChains);
    for (const some of chunksOf(due, REVIEWS_AT_ONCE)) {
      if (page.length > query.limit) break;
      const reviewed = marked ?? (await reviews.among(some.map(chainIdOf)));
      for (const one of some) {
        const isReviewed = reviewed.has(chainIdOf(one));
        if (query.reviewed === undefined || query.reviewed === isReviewed)
          page.push({ facts: one, isReviewed });
      }
    }
    // One more than the page has, to know whether there is a next page.
    if (page.length > query.limit) break;
    if (query.from !== undefined && fromMs <= query.from) break;
    if (batch.behind !== undefined && (hoursRead >= MAX_HOURS || clock.now() - beganAtMs > MAX_SEARCH_MS))
      return {
        chains: page.map((one) => chainView(one, cloud, persons)),
        next: chainIdOf(afterAllAt(fromMs)),
        searchedToMs: fromMs,
      };
    ahead = [...ahead, ...facts].slice(-MAX_AHEAD);
  }
  const shown = page.slice(0, query.limit);
  return {
    chains: shown.map((one) => chainView(one, cloud, persons)),
    ...(page.length > query.limit && { next: chainIdOf(shown.at(-1)!.facts) }),
  };
}

/** The facts of the hours right after one, in which its chains may go on. */
async function factsAfter(until: HourName, { lake }: ConsoleCloud): Promise<readonly HourFacts[]> {
  const after = Array.from({ length: MAX_AHEAD }, (_, hour) =>
    hourName(hourStartMs(until) + (hour + 1) * HOUR_MS),
  );
  const found: HourFacts[] = [];
  for (const hour of after) {
    const [facts] = await lake.factsOf([hour]);
    // Chains that begin in an earlier hour and go on in this one have a session there.
    const goesOn = facts!.sessions.some(
      ({ chainStartedAtMs }) => chainStartedAtMs !== undefined && chainStartedAtMs < hourStartMs(hour),
    );
    found.unshift(facts!);
    if (!goesOn) break;
  }
  return found;
}

interface Batch {
  /** The latest first. */
  readonly hours: readonly HourName[];
  /** The hour with files before them. */
  readonly behind: HourName | undefined;
  /** Chains from this time on were in an earlier batch. */
  readonly aboveMs: number | undefined;
}

/** The hours with files in growing batches, backwards. */
async function* batchesBack({ lake }: ConsoleCloud, until: HourName | undefined): AsyncGenerator<Batch> {
  let size = FIRST_BATCH;
  let waiting: HourName[] = [];
  let aboveMs: number | undefined;
  for await (const day of lake.hoursBack(until)) {
    waiting.push(...day);
    while (waiting.length > size) {
      const hours = waiting.slice(0, size);
      waiting = waiting.slice(size);
      yield { hours, behind: waiting[0], aboveMs };
      aboveMs = hourStartMs(hours.at(-1)!);
      size = Math.min(LARGEST_BATCH, size * 2);
    }
  }
  if (waiting.length > 0) yield { hours: waiting, behind: undefined, aboveMs };
}

/** Whether a chain is one that the query is after, as far as the lake knows. */
function matcherOf(query: ChainsQuery, persons: Persons): (chain: ChainFacts) => boolean {
  const label = query.label?.toUpperCase();
  const { camera, person, synthetic, from, until } = query;
  return (chain) => {
    if (chain.detections.length === 0 && chain.faces.length === 0) return false;
    if (isSynthetic(chain.cameraId) !== synthetic && camera === undefined) return false;
    if (camera !== undefined && chain.cameraId !== camera) return false;
    if (from !== undefined && chain.startedAtMs < from) return false;
    if (until !== undefined && chain.startedAtMs >= until) return false;
    if (label !== undefined && !chain.detections.some((one) => one.label === label)) return false;
    if (person === undefined) return true;
    const { personIds, unknownFaces } = facesIn(chain, persons.ownerOf);
    return person === "unknown" ? unknownFaces > 0 : personIds.includes(person);
  };
}

function chainView(
  { facts, isReviewed }: { readonly facts: ChainFacts; readonly isReviewed: boolean },
  { outputs }: ConsoleCloud,
  persons: Persons,
): Chain {
  const { cameraId, engine, startedAtMs, endedAtMs, detections, alert } = facts;
  const { personIds, unknownFaces } = facesIn(facts, persons.ownerOf);
  return {
    chainId: chainIdOf(facts),
    cameraId,
    ...(engine && { engine }),
    startedAtMs,
    ...(endedAtMs !== undefined && { endedAtMs }),
    sessions: facts.sessions.length,
    detections: detections
      .slice(0, MAX_SHOWN_DETECTIONS)
      .map((one) => detectionView(one, outputs.EvidenceBucketName)),
    detectionCount: detections.length,
    persons: personIds.map((personId) => ({
      personId,
      ...(persons.nameOf(personId) !== undefined && { name: persons.nameOf(personId)! }),
    })),
    unknownFaces,
    ...(alert && { alert }),
    isReviewed,
    isSynthetic: isSynthetic(cameraId),
  };
}

/** A detection with the addresses of its pictures. */
export function detectionView(
  { label, confidence, box, detectedAtMs, frameUri, cropUri }: DetectionFact,
  evidenceBucket: string,
): Chain["detections"][number] {
  const frame = pictureUrl(frameUri, evidenceBucket);
  const crop = pictureUrl(cropUri, evidenceBucket);
  return {
    label,
    confidence,
    box: box.width > 0 && box.height > 0 ? box : null,
    detectedAtMs,
    ...(frame !== undefined && { frame }),
    ...(crop !== undefined && { crop }),
  };
}
