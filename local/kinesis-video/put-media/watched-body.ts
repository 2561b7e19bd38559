import type { Clock, Timer } from "../../../base/clock.ts";

/** A request without data for this long is closed; until then it gets IDLE acknowledgements (documented: PutMedia). */
const IDLE_LIMIT_MS = 30_000;
/** "Periodically" (documented); the interval is unconfirmed. */
const IDLE_ACK_INTERVAL_MS = 10_000;

interface WatchOptions {
  readonly clock: Clock;
  /** Ends the body with the signal's reason as its error. */
  readonly signal: AbortSignal;
  /** Called after every ten seconds without data. */
  readonly onIdle: () => void;
  /** Called when the body ends because there was no data for 30 s. */
  readonly onSilence: () => void;
}

/** The chunks of a request's body while they arrive. Never closes the source. */
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

/** The next chunk; undefined when it does not arrive in time. */
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
