import { findProcessor, startLabelSession } from "../../aws/rekognition.ts";
import type { Engine } from "../../core/sessions/drive.ts";
import { count } from "../../functions/_metrics.ts";

/** Rekognition's stream processors; what becomes of starts is counted. */
export const engine: Engine = {
  start: async (run) => {
    const answer = await startLabelSession(run);
    if (answer.kind === "throttled") count({ StartsThrottled: 1 });
    if (answer.kind === "refused") count({ StartsRefused: 1 });
    return answer;
  },
  find: findProcessor,
};
