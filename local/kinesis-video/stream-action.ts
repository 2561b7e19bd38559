import * as v from "valibot";
import type { Action, ActionContext } from "../api/action.ts";
import { streamRequest } from "./inputs.ts";
import type { KinesisVideo } from "./state.ts";
import type { Stream } from "./streams.ts";

/**
 * An action on one stream, which its request names by StreamName or StreamARN.
 * @param entries the other members of its request
 */
export function streamAction<const Entries extends v.ObjectEntries, Output>(
  entries: Entries,
  run: (
    stream: Stream,
    request: v.InferOutput<v.ObjectSchema<Entries, undefined>>,
    context: ActionContext<KinesisVideo>,
  ) => Promise<Output> | Output,
): Action<KinesisVideo, v.InferOutput<ReturnType<typeof streamRequest<Entries>>>, Output> {
  return {
    input: streamRequest(entries),
    resources: (request, { state }) => state.streams.arnOf(request),
    run: (request, context) => run(context.state.streams.find(request), request, context),
  };
}
