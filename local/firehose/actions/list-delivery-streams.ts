import * as v from "valibot";
import type { Action } from "../../api/action.ts";
import { streamName, type FirehoseState } from "../state.ts";

interface Input {
  Limit: number;
  DeliveryStreamType?: string | undefined;
  ExclusiveStartDeliveryStreamName?: string | undefined;
}

const DEFAULT_LIMIT = 10;

/** Lists streams by name, from after the given one (documented: API reference, ListDeliveryStreams). */
export const listDeliveryStreams: Action<FirehoseState, Input, unknown> = {
  input: v.object({
    Limit: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(10_000)), DEFAULT_LIMIT),
    DeliveryStreamType: v.optional(v.string()),
    ExclusiveStartDeliveryStreamName: v.optional(streamName),
  }),
  resources: () => "*",
  run: ({ Limit, DeliveryStreamType, ExclusiveStartDeliveryStreamName: after = "" }, { state }) => {
    const names = [...state.streams.values()]
      .filter(({ description: { properties } }) =>
        DeliveryStreamType ? properties.DeliveryStreamType === DeliveryStreamType : true,
      )
      .map(({ description: { name } }) => name)
      .filter((name) => name > after)
      .toSorted();
    return { DeliveryStreamNames: names.slice(0, Limit), HasMoreDeliveryStreams: names.length > Limit };
  },
};
