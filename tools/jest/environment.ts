import { tmpdir } from "node:os";
import { join } from "node:path";

const seed = process.env["DOORSTEP_SEED"];
// The same random examples in each run, as `.ci/run` wants them.
if (seed !== undefined) {
  const { default: fc } = await import("fast-check");
  fc.configureGlobal({ seed: Number(seed) });
}

// The processes that tests start share what Node has compiled for the first of them. Not this one, which would write what
// nothing reads when it ends.
process.env["NODE_COMPILE_CACHE"] = join(tmpdir(), "compiled");

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
