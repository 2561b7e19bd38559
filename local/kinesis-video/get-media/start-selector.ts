import * as v from "valibot";
import type { Fragment } from "../fragments/fragment.ts";
import { startOf } from "../fragments/select-fragments.ts";
import { continuationToken, fragmentNumber, timestampMs } from "../inputs.ts";

const anyMember = {
  AfterFragmentNumber: v.optional(fragmentNumber),
  StartTimestamp: v.optional(timestampMs),
  ContinuationToken: v.optional(continuationToken),
};

/** Documented: API reference, StartSelector. */
export const startSelector = v.variant("StartSelectorType", [
  v.object({ ...anyMember, StartSelectorType: v.picklist(["NOW", "EARLIEST"]) }),
  v.object({
    ...anyMember,
    StartSelectorType: v.literal("FRAGMENT_NUMBER"),
    AfterFragmentNumber: fragmentNumber,
  }),
  v.object({
    ...anyMember,
    StartSelectorType: v.picklist(["SERVER_TIMESTAMP", "PRODUCER_TIMESTAMP"]),
    StartTimestamp: timestampMs,
  }),
  v.object({
    ...anyMember,
    StartSelectorType: v.literal("CONTINUATION_TOKEN"),
    ContinuationToken: v.pipe(continuationToken, v.regex(/^\d+$/, "expected a token that GetMedia returned")),
  }),
]);

export type StartSelector = v.InferOutput<typeof startSelector>;

/** Where GetMedia starts: at the first fragment above `after` that also `matches`, and from there with every one. */
export interface Start {
  readonly after: string;
  readonly matches: (fragment: Fragment) => boolean;
}

const BEFORE_ALL = "0";
const all = (): boolean => true;

/**
 * Finds where to start among the stored fragments, ordered by number; undefined when the selector names a fragment that
 * does not exist.
 *
 * NOW starts with the next fragment that completes (a maintainer of the SDKs: output only appears when data arrives). A
 * timestamp selects the fragment that contains it (documented), else the nearest that starts later, else waits for one
 * that does (unconfirmed). From there, fragments follow by number (documented: GetMedia).
 */
export function findStart(selector: StartSelector, fragments: readonly Fragment[]): Start | undefined {
  const newest = fragments.at(-1)?.number ?? BEFORE_ALL;
  switch (selector.StartSelectorType) {
    case "NOW":
      return { after: newest, matches: all };
    case "EARLIEST":
      return { after: BEFORE_ALL, matches: all };
    case "CONTINUATION_TOKEN":
      return { after: selector.ContinuationToken, matches: all };
    case "FRAGMENT_NUMBER": {
      const { AfterFragmentNumber: after } = selector;
      return fragments.some(({ number }) => number === after) ? { after, matches: all } : undefined;
    }
    default: {
      const { StartSelectorType: type, StartTimestamp: atMs } = selector;
      const start = (one: Fragment) => startOf(one, type);
      const reaches = (one: Fragment) => start(one) >= atMs || start(one) + one.lengthMs > atMs;
      const found =
        fragments.find((one) => start(one) <= atMs && reaches(one)) ??
        fragments.reduce<Fragment | undefined>(
          (best, one) => (reaches(one) && (!best || start(one) < start(best)) ? one : best),
          undefined,
        );
      if (!found) return { after: newest, matches: reaches };
      return { after: String(BigInt(found.number) - 1n), matches: all };
    }
  }
}
