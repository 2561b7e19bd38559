import { systemClock, type Clock } from "../base/clock.ts";
import type { CloudEvent, Events } from "../local/index.ts";

/** How long nothing may happen: many times what a fragment takes on a slow machine. */
const STALLED_AFTER_MS = 60_000;

interface Watch {
  readonly events: Events;
  /** Names in the details of events that count as progress: of sessions, streams and processors. */
  readonly names: ReadonlySet<string>;
  /** The state of what is waited for, for the error. */
  readonly describe: () => Promise<string>;
  readonly clock?: Clock;
}

/**
 * Waits for as long as there is progress, however long that is.
 * @param wait must end when the signal aborts
 * @throws Error with the last known state, when nothing has happened for a minute
 */
export async function whileProgressing<T>(
  { events, names, describe, clock = systemClock }: Watch,
  wait: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const stalled = new AbortController();
  const startTimer = () => clock.after(STALLED_AFTER_MS, () => stalled.abort(new Error("stalled")));
  let timer = startTimer();
  const isProgress = ({ detail }: CloudEvent): boolean =>
    Object.values(detail).some((value) => typeof value === "string" && names.has(value));
  const unsubscribe = events.subscribe((event) => {
    if (!isProgress(event)) return;
    timer.cancel();
    timer = startTimer();
  });
  try {
    return await wait(stalled.signal);
  } catch (error) {
    if (!stalled.signal.aborted) throw error;
    throw new Error(`nothing has happened for ${STALLED_AFTER_MS / 1000} s: ${await describe()}`, {
      cause: error,
    });
  } finally {
    timer.cancel();
    unsubscribe();
  }
}
