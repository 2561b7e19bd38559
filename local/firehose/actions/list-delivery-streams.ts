import * as v from "valibot";
import type { Action } from "../../api/action.ts";
import { streamName } from "../inputs.ts";
import type { FirehoseState } from "../state.ts";

const DEFAULT_LIMIT = 10;

const input = v.object({
  Limit: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(10_000)), DEFAULT_LIMIT),
  DeliveryStreamType: v.optional(v.string()),
  ExclusiveStartDeliveryStreamName: v.optional(streamName),
});

/** Lists streams by name, from after the given one (documented: API reference, ListDeliveryStreams). */
export const listDeliveryStreams: Action<FirehoseState, v.InferOutput<typeof input>, unknown> = {
  input,
  resources: () => "*",
  run: ({ Limit, DeliveryStreamType: type, ExclusiveStartDeliveryStreamName: after = "" }, { state }) => {
    const names = [...state.streams.values()]
      .map(({ description }) => description)
      .filter(({ properties }) => !type || properties.DeliveryStreamType === type)
      .map(({ name }) => name)
      .filter((name) => name > after)
      .toSorted();
    return { DeliveryStreamNames: names.slice(0, Limit), HasMoreDeliveryStreams: names.length > Limit };
  },
};
