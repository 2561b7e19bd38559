// Runs test files as Node itself runs TypeScript: no virtual machine, no transform. The modules that a test file imports
// stay loaded for the next file of the same process; Jest's own runtime loads them again for each file.
import { createRequire, registerHooks } from "node:module";
import { pathToFileURL } from "node:url";
import { provideGlobals } from "./globals.ts";

const require = createRequire(import.meta.url);
const globals = new URL("globals.ts", import.meta.url).href;
const circusHandlers = Symbol.for("EVENT_HANDLERS");

registerHooks({
  resolve: (specifier, context, next) =>
    specifier === "@jest/globals" ? { url: globals, shortCircuit: true } : next(specifier, context),
});

let filesRun = 0;

/** The part of Jest's runtime that its runner and `jest-circus` call. */
export default class NativeRuntime {
  // A test file registers its tests when it is evaluated, so each run needs a fresh instance of it.
  async unstable_importModule(path: string): Promise<void> {
    filesRun += 1;
    await import(`${pathToFileURL(path).href}?run=${filesRun}`);
  }

  // `jest-circus` keeps the tests of one file in its module, so each file needs a fresh instance of it.
  requireInternalModule(path: string): unknown {
    delete require.cache[path];
    delete (globalThis as Record<symbol, unknown>)[circusHandlers];
    return require(path);
  }

  requireModule(path: string): unknown {
    return require(path);
  }

  setGlobalsForRuntime(testGlobals: Parameters<typeof provideGlobals>[0]): void {
    provideGlobals(testGlobals);
  }

  unstable_shouldLoadAsEsm(): boolean {
    return true;
  }

  getSourceMaps(): ReadonlyMap<string, string> {
    return new Map();
  }

  getAllCoverageInfoCopy(): undefined {}
  enterTestCode(): void {}
  leaveTestCode(): void {}
  teardown(): void {}
}
