import type { Engine } from "../core/sessions/drive.ts";
import { streamProcessorEngine } from "../engines/stream-processor/index.ts";
import { count } from "./_metrics.ts";

/** The engine, with what becomes of starts counted. */
export const engine: Engine = {
  start: async (run) => {
    const answer = await streamProcessorEngine.start(run);
    if (answer.kind === "throttled") count({ StartsThrottled: 1 });
    if (answer.kind === "refused") count({ StartsRefused: 1 });
    return answer;
  },
  find: (processorName) => streamProcessorEngine.find(processorName),
};
