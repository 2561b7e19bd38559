import { Footage } from "../operator/footage.ts";
import { MAX_FRAGMENT_MS } from "../analysis/clip-plan.ts";
import { fragmentsWithin, type Span } from "../analysis/coverage.ts";
import type { StoredFragment } from "../schemas/fragment.ts";
import { CLOUD_FLAGS, clientConfig, findCamera, STACK_FLAG } from "./cloud.ts";
import type { Console } from "./console.ts";

/** The flags of commands about one camera's footage. */
export const FOOTAGE_FLAGS = {
  stream: { type: "boolean", about: "<camera> is the name of a Kinesis video stream, in no stack" },
  ...STACK_FLAG,
  ...CLOUD_FLAGS,
} as const;

/** No footage is older; ListFragments wants a beginning. */
const BEGINNING_MS = 0;
/** Producers' clocks may be ahead. */
const MAX_LEAD_MS = 24 * 3_600_000;

interface Where {
  readonly stream: boolean;
  readonly stack: string;
  readonly region: string | undefined;
  readonly endpoint: string | undefined;
}

/** The footage of a camera of the stack, or of the stream of that name, and the stream's name. */
export async function openFootage(
  camera: string,
  where: Where,
): Promise<{ footage: Footage; streamName: string }> {
  const config = clientConfig(where);
  const streamName = where.stream ? camera : (await findCamera(camera, where.stack, config)).streamName;
  return { footage: new Footage(streamName, config), streamName };
}

/** The fragments that show some of the span, or all that there are. */
export async function findFragments(
  footage: Footage,
  span: Partial<Span>,
  { console, signal, nowMs }: { console: Console; signal: AbortSignal; nowMs: number },
): Promise<StoredFragment[]> {
  const { startMs, endMs } = span;
  const found = await footage.fragments(
    {
      // ListFragments selects by a fragment's start; one that began before the span may last into it.
      fromMs: startMs === undefined ? BEGINNING_MS : startMs - MAX_FRAGMENT_MS,
      toMs: endMs ?? nowMs + MAX_LEAD_MS,
    },
    { signal, onPage: (fragments) => console.progress(`${fragments} fragments found`) },
  );
  return fragmentsWithin(found, span);
}
