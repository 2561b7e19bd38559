import { writeFailed } from "../log-file.ts";
import type { Cloud } from "../cloud.ts";

interface Run {
  readonly controller: AbortController;
  readonly finished: Promise<void>;
}

/** What runs for stream processors, one run each, until it ends, is aborted, or the local cloud stops. */
export class Runs {
  readonly #cloud: Cloud;
  readonly #running = new Map<string, Run>();
  #isClosing = false;

  constructor(cloud: Cloud) {
    this.#cloud = cloud;
  }

  get count(): number {
    return this.#running.size;
  }

  /** Whether the local cloud stops: a run that is aborted then continues after the next start. */
  get isClosing(): boolean {
    return this.#isClosing;
  }

  has(processor: string): boolean {
    return this.#running.has(processor);
  }

  /** @param what names the run where its end cannot be stored */
  start(processor: string, what: string, run: (signal: AbortSignal) => Promise<void>): void {
    const controller = new AbortController();
    const finished = run(controller.signal)
      .catch((error: unknown) => writeFailed(this.#cloud.events, "rekognition", `the end of ${what}`, error))
      .finally(() => this.#running.delete(processor));
    this.#running.set(processor, { controller, finished });
  }

  /** @returns false when nothing runs for the processor */
  abort(processor: string): boolean {
    const run = this.#running.get(processor);
    run?.controller.abort();
    return run !== undefined;
  }

  /** Interrupts all runs. */
  async close(): Promise<void> {
    this.#isClosing = true;
    const running = [...this.#running.values()];
    for (const { controller } of running) controller.abort();
    await Promise.all(running.map(({ finished }) => finished));
  }
}
