// Test files run as plain Node modules: without virtual machines and transforms, in half the processor's time.
const native = {
  runtime: "<rootDir>/tools/jest/runtime.ts",
  testEnvironment: "<rootDir>/tools/jest/environment.ts",
  transform: {},
  modulePathIgnorePatterns: ["<rootDir>/.serverless", "<rootDir>/.esbuild", "<rootDir>/.doorstep"],
};
const packaged = { ...native, globalSetup: "<rootDir>/test/package-once.mjs" };

// Rooms whose tests start processes, the local cloud, or the service as it is packaged.
const STARTING = "cli,console,demo,examples,local,resources,scripts,template,tools";
const SOAK = "**/*.soak.test.ts";

export default {
  projects: [
    {
      ...native,
      displayName: "unit",
      testMatch: ["**/test/**/*.test.ts", `!**/test/{${STARTING}}/**`, `!${SOAK}`],
    },
    {
      ...packaged,
      displayName: "integration",
      testMatch: [`**/test/{${STARTING}}/**/*.test.ts`, `!${SOAK}`],
    },
    { ...packaged, displayName: "soak", testMatch: [SOAK] },
  ],
  globalSetup: "<rootDir>/test/folders-in-memory.mjs",
  // Enough for any test on a machine that is busy with others: only what hangs takes so long.
  testTimeout: 180_000,
  testSequencer: "<rootDir>/tools/jest/sequencer.mjs",
  // Tests wait for disks and sockets often enough to share the processors with each other. How `npm test` starts Node lets
  // each process collect garbage rarely and with one thread, which costs the least in all.
  maxWorkers: "100%",
};
