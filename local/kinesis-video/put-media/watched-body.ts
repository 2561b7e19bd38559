import type { Clock, Timer } from "../../../base/clock.ts";

/** A request without data for so long is closed; until then the producer is told now and then (documented: PutMedia). */
export const IDLE_LIMIT_MS = 30_000;
/** "Periodically" (documented); how often is unconfirmed. */
const IDLE_ACK_INTERVAL_MS = 10_000;

export interface WatchOptions {
  readonly clock: Clock;
  /** Ends the body with the signal's reason as its error. */
  readonly signal: AbortSignal;
  /** Called every ten seconds in which no data came. */
  readonly onIdle: () => void;
  /** Called when the body is taken as ended because nothing came for 30 s. */
  readonly onSilence: () => void;
}

/** The chunks of a request's body for as long as they come. Never closes the source. */
export async function* watchedBody(
  source: AsyncIterator<Uint8Array>,
  options: WatchOptions,
): AsyncGenerator<Uint8Array> {
  for (;;) {
    const next = await nextChunk(source, options);
    if (next === undefined) return options.onSilence();
    if (next.done) return;
    yield next.value;
  }
}

/** The next chunk; undefined when it is not there in time. */
async function nextChunk(
  source: AsyncIterator<Uint8Array>,
  { clock, signal, onIdle }: WatchOptions,
): Promise<IteratorResult<Uint8Array> | undefined> {
  signal.throwIfAborted();
  const { promise, resolve, reject } = Promise.withResolvers<IteratorResult<Uint8Array> | undefined>();
  let timer: Timer;
  const wait = (idleMs: number): void => {
    timer = clock.after(IDLE_ACK_INTERVAL_MS, () => {
      if (idleMs + IDLE_ACK_INTERVAL_MS >= IDLE_LIMIT_MS) return resolve(undefined);
      onIdle();
      wait(idleMs + IDLE_ACK_INTERVAL_MS);
    });
  };
  const onAbort = () => reject(signal.reason as Error);
  wait(0);
  signal.addEventListener("abort", onAbort);
  source.next().then(resolve, reject);
  try {
    return await promise;
  } finally {
    timer!.cancel();
    signal.removeEventListener("abort", onAbort);
  }
}
