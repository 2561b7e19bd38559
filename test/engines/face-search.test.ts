import type { Engine } from "../../engines/engine.ts";
import { describeEngine, type EngineHarness } from "../behaviours/engine.ts";
import { FaceSearchWorld, named } from "./face-search/world.ts";

/** The same engine, each of whose calls fails. */
const failing = (world: FaceSearchWorld, name: string): Engine => {
  const failed = async <T>(call: () => Promise<T>): Promise<T> => {
    world.trouble.push({ call: "find", error: named(name) });
    return await call();
  };
  return {
    start: (request) => failed(() => world.engine.start(request)),
    find: (processorName) => failed(() => world.engine.find(processorName)),
    stop: (processorName) => failed(() => world.engine.stop(processorName)),
  };
};

async function start(): Promise<EngineHarness> {
  const world = new FaceSearchWorld();
  return await Promise.resolve({
    engine: world.engine,
    throttled: failing(world, "ThrottlingException"),
    unreachable: failing(world, "TimeoutError"),
    addCamera: async () => await Promise.resolve(world.addCamera()),
    addFailingCamera: async () => await Promise.resolve(world.addCamera({ fails: "Access denied to Role" })),
    pass: (durationMs) => world.pass(durationMs),
    notifications: async () => await Promise.resolve(world.published),
    stop: () => Promise.resolve(),
  });
}

describeEngine("face-search", start, { detectsLabels: false });
