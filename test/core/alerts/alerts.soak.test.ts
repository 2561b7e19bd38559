import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { soakSize } from "../../support/soak.ts";
import { AlertModel } from "./model.ts";
import { AlertWorld } from "./world.ts";
import { worlds } from "./worlds.ts";

/** How many worlds are played; each failure prints its seed and path. */
const WORLDS = soakSize(2000, 150);

test("whatever arrives and fails, each detection is decided once and rightly, and each alert is published in order", async () => {
  await fc.assert(
    fc.asyncProperty(worlds, async (options) => {
      const world = new AlertWorld(options);
      const model = new AlertModel(world);
      await world.play();
      expect(model.brokenAtEnd()).toEqual([]);
    }),
    { numRuns: WORLDS, endOnFailure: true },
  );
});
