import type { Clock } from "../base/clock.ts";
import { HOUR_MS } from "../base/durations.ts";
import { Footage } from "../operator/footage.ts";
import { MAX_FRAGMENT_MS } from "../analysis/clip-plan.ts";
import { fragmentsWithin, type Span } from "../analysis/coverage.ts";
import type { StoredFragment } from "../schemas/fragment.ts";
import { CLOUD_FLAGS, clientConfig, findCamera, STACK_FLAG, type StackFlags } from "./cloud.ts";
import type { Console } from "./console.ts";

/** The flags of the commands that read a camera's footage. */
export const FOOTAGE_FLAGS = {
  stream: { type: "boolean", about: "<camera> is the name of a Kinesis video stream, and no stack is read" },
  ...STACK_FLAG,
  ...CLOUD_FLAGS,
} as const;

/** The start of the search where no time is given: ListFragments requires one. */
const BEGINNING_MS = 0;
/** Producers' clocks may be ahead. */
const MAX_LEAD_MS = 24 * HOUR_MS;

/** Opens the footage of a registered camera, or with `--stream` of the stream of that name. */
export async function openFootage(
  camera: string,
  flags: StackFlags & { readonly stream: boolean },
  clock: Clock,
): Promise<{ footage: Footage; streamName: string }> {
  const config = clientConfig(flags);
  const streamName = flags.stream ? camera : (await findCamera(camera, flags.stack, config)).streamName;
  return { footage: new Footage(streamName, config, clock), streamName };
}

/** Lists the fragments that overlap the span; all fragments where it is open. */
export async function findFragments(
  footage: Footage,
  span: Partial<Span>,
  { console, signal, nowMs }: { console: Console; signal: AbortSignal; nowMs: number },
): Promise<StoredFragment[]> {
  const { startMs, endMs } = span;
  const found = await footage.fragments(
    {
      // ListFragments selects by start, and a fragment that begins before the span may reach into it.
      fromMs: startMs === undefined ? BEGINNING_MS : startMs - MAX_FRAGMENT_MS,
      toMs: endMs ?? nowMs + MAX_LEAD_MS,
    },
    { signal, onPage: (fragments) => console.progress(`${fragments} fragments found`) },
  );
  return fragmentsWithin(found, span);
}
