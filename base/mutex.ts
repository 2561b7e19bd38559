/** Runs one async function at a time, in the order of the calls, whether or not the one before failed. */
export class Mutex {
  #last: Promise<unknown> = Promise.resolve();

  /** @throws what the function throws */
  run<T>(task: () => Promise<T>): Promise<T> {
    const run = this.#last.then(task);
    this.#last = run.catch(() => {});
    return run;
  }
}
