import TestSequencer from "@jest/test-sequencer";

/** Starts the soaks first, which take the longest: one that starts last keeps a single process busy. */
export default class SoaksFirst extends TestSequencer {
  sort(tests) {
    const sorted = super.sort(tests);
    const isSoak = ({ path }) => path.endsWith(".soak.test.ts");
    return [...sorted.filter(isSoak), ...sorted.filter((test) => !isSoak(test))];
  }
}
