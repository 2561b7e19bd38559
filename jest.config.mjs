export default {
  testEnvironment: "node",
  globalSetup: "<rootDir>/test/package-once.mjs",
  testMatch: ["<rootDir>/test/**/*.test.ts"],
  extensionsToTreatAsEsm: [".ts"],
  transform: { "\\.ts$": "<rootDir>/tools/jest-esbuild.mjs" },
  modulePathIgnorePatterns: ["<rootDir>/.serverless", "<rootDir>/.esbuild", "<rootDir>/.doorstep"],
  // Enough for any test on a machine that is busy with others: only what hangs takes so long.
  testTimeout: 180_000,
  // Tests wait for disks and sockets often enough to share the processors with each other.
  maxWorkers: "100%",
};
