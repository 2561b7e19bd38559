export default {
  // Test files run as plain Node modules: without virtual machines and transforms, in half the processor's time.
  runtime: "<rootDir>/tools/jest/runtime.ts",
  testEnvironment: "<rootDir>/tools/jest/environment.ts",
  globalSetup: "<rootDir>/test/package-once.mjs",
  testMatch: ["<rootDir>/test/**/*.test.ts"],
  transform: {},
  modulePathIgnorePatterns: ["<rootDir>/.serverless", "<rootDir>/.esbuild", "<rootDir>/.doorstep"],
  // Enough for any test on a machine that is busy with others: only what hangs takes so long.
  testTimeout: 180_000,
  // Tests wait for disks and sockets often enough to share the processors with each other.
  maxWorkers: "100%",
};
