import type { Chain, Chains, Detection } from "../../../schemas/console/chains.ts";

/** The chains that the page shows, the latest first, and where earlier ones continue. */
export interface Feed {
  readonly chains: readonly Chain[];
  readonly next?: string | undefined;
  /** Nothing matches between the last chain and this time; the search stopped there. */
  readonly searchedToMs?: number | undefined;
}

const feedOf = ({ chains, next, searchedToMs }: Chains): Feed => ({ chains, next, searchedToMs });

/** The feed with a page of earlier chains at its end. */
export function withEarlier(feed: Feed, page: Chains): Feed {
  const known = new Set(feed.chains.map(({ chainId }) => chainId));
  const chains = [...feed.chains, ...page.chains.filter(({ chainId }) => !known.has(chainId))];
  return { ...feedOf(page), chains };
}

/**
 * The feed after its first page was read again. Chains of the page replace those of the feed; what the page spans and does
 * not have is gone. A page that does not reach the feed's chains begins the feed anew, since chains between them are unknown.
 */
export function withFirstPage(feed: Feed | undefined, page: Chains): Feed {
  const last = page.chains.at(-1);
  if (!feed || !last || page.next === undefined) return feedOf(page);
  const fresh = new Set(page.chains.map(({ chainId }) => chainId));
  if (!feed.chains.some(({ chainId }) => fresh.has(chainId))) return feedOf(page);
  const earlier = feed.chains.slice(feed.chains.findLastIndex(({ chainId }) => fresh.has(chainId)) + 1);
  if (earlier.length === 0) return feedOf(page);
  return { ...feed, chains: [...page.chains, ...earlier] };
}

/** How many of the feed's motions nobody reviewed; undefined for an empty feed. */
export function reviewNote({ chains }: Pick<Feed, "chains">): string | undefined {
  const open = chains.filter(({ isReviewed }) => !isReviewed).length;
  if (chains.length === 0) return undefined;
  return open === 0 ? "all reviewed" : `${open} of ${chains.length} to review`;
}

/** The chains that were not in the feed before. */
export function newIn(before: Feed | undefined, after: Feed): Chain[] {
  if (!before) return [];
  const known = new Set(before.chains.map(({ chainId }) => chainId));
  const latestMs = before.chains[0]?.startedAtMs ?? 0;
  return after.chains.filter(({ chainId, startedAtMs }) => !known.has(chainId) && startedAtMs >= latestMs);
}

const areaOf = ({ box }: Detection): number => (box ? box.width * box.height : 0);

/** What a chain's card shows: the detection with a picture that is the largest in it. */
export const coverOf = ({ detections }: Pick<Chain, "detections">): Detection | undefined =>
  detections
    .filter(({ frame, crop }) => frame ?? crop)
    .reduce<Detection | undefined>(
      (best, one) => (best && areaOf(best) >= areaOf(one) ? best : one),
      undefined,
    ) ?? detections[0];

/** Detections by label, each with its highest confidence, the surest first. */
export function labelsOf(
  detections: readonly Detection[],
): { readonly label: string; readonly confidence: number | undefined; readonly count: number }[] {
  const byLabel = Map.groupBy(detections, ({ label }) => label);
  return [...byLabel]
    .map(([label, rows]) => {
      const confidences = rows.flatMap(({ confidence }) => confidence ?? []);
      return {
        label,
        confidence: confidences.length > 0 ? Math.max(...confidences) : undefined,
        count: rows.length,
      };
    })
    .toSorted((a, b) => (b.confidence ?? -1) - (a.confidence ?? -1) || (a.label < b.label ? -1 : 1));
}

const BEFORE_MS = 3000;
const AFTER_MS = 5000;
/** GetClip returns at most 200 fragments and 100 MB (documented); two minutes are within both for usual cameras. */
const LONGEST_CLIP_MS = 120_000;

/** The video to play from a time on: a little before it, until a little after the chain's last detection or its end. */
export function clipOf(
  { startedAtMs, endedAtMs, detections }: Pick<Chain, "startedAtMs" | "endedAtMs" | "detections">,
  atMs: number,
): { readonly fromMs: number; readonly toMs: number } {
  const fromMs = Math.max(Math.min(startedAtMs, atMs), atMs - BEFORE_MS);
  const lastMs = Math.max(endedAtMs ?? 0, detections.at(-1)?.detectedAtMs ?? 0, atMs);
  return { fromMs, toMs: Math.min(fromMs + LONGEST_CLIP_MS, lastMs + AFTER_MS) };
}
