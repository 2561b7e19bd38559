import * as v from "valibot";
import type { Action } from "../../api/action.ts";
import { page } from "../../api/page.ts";
import { mappingConfiguration } from "../event-source-mappings.ts";
import { wholeNumber } from "../../template/properties.ts";
import { functionArn, type LambdaState } from "../state.ts";

/** Documented: "Lambda returns up to 100 per page". */
const MAPPINGS_PER_PAGE = 100;

const input = v.object({
  EventSourceArn: v.optional(v.string()),
  FunctionName: v.optional(v.string()),
  Marker: v.optional(v.string()),
  MaxItems: v.optional(wholeNumber(1, 10_000), MAPPINGS_PER_PAGE),
});

export const listEventSourceMappings: Action<LambdaState, v.InferOutput<typeof input>, unknown> = {
  input,
  resources: () => "*",
  run: ({ EventSourceArn, FunctionName, Marker, MaxItems }, { cloud, state: { mappings } }) => {
    const arn = FunctionName === undefined ? undefined : functionArn(cloud, FunctionName);
    const matching = mappings
      .list()
      .filter(({ sourceArn }) => EventSourceArn === undefined || sourceArn === EventSourceArn)
      .filter((mapping) => arn === undefined || mapping.functionArn === arn);
    const { items, NextToken } = page(
      matching,
      { NextToken: Marker, MaxResults: Math.min(MaxItems, MAPPINGS_PER_PAGE) },
      MAPPINGS_PER_PAGE,
      "InvalidParameterValueException",
    );
    return {
      EventSourceMappings: items.map((mapping) => mappingConfiguration(mapping, { cloud, mappings })),
      ...(NextToken !== undefined && { NextMarker: NextToken }),
    };
  },
};
