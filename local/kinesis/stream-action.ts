import type * as v from "valibot";
import type { Action, ActionContext } from "../api/action.ts";
import { nameOf, streamRequest, type StreamReference } from "./inputs.ts";
import type { KinesisState } from "./state.ts";
import { streamArn, type Stream } from "./stream.ts";

type Input<Entries extends v.ObjectEntries> = v.InferOutput<v.ObjectSchema<Entries, undefined>> &
  StreamReference;

/** An action on one stream that exists. */
export const streamAction = <const Entries extends v.ObjectEntries>(
  entries: Entries,
  run: (stream: Stream, input: Input<Entries>, context: ActionContext<KinesisState>) => unknown,
): Action<KinesisState, Input<Entries>, unknown> => ({
  input: streamRequest(entries) as unknown as v.GenericSchema<unknown, Input<Entries>>,
  resources: (input, { cloud }) => streamArn(cloud, nameOf(input)),
  run: (input, context) => run(context.state.find(nameOf(input)), input, context),
});
