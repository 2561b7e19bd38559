const seed = process.env["DOORSTEP_SEED"];
// The same random examples in each run, as `.ci/run` wants them.
if (seed !== undefined) {
  const { default: fc } = await import("fast-check");
  fc.configureGlobal({ seed: Number(seed) });
}

/** Jest's view of the process that runs tests: its own globals, put back after each file. */
export default class NativeEnvironment {
  readonly global = globalThis;
  readonly #console = console;
  readonly #exit = process.exit;

  async setup(): Promise<void> {
    // Node's positions in TypeScript are right without source maps, and the product runs with short stacks.
    Reflect.deleteProperty(Error, "prepareStackTrace");
    Error.stackTraceLimit = 10;
  }

  async teardown(): Promise<void> {
    globalThis.console = this.#console;
    process.exit = this.#exit;
  }

  getVmContext(): null {
    return null;
  }
}
