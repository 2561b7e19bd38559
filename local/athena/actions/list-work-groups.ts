import * as v from "valibot";
import type { Action } from "../../api/action.ts";
import { page } from "../../api/page.ts";
import type { AthenaState } from "../index.ts";
import { engineVersionOf } from "../work-groups.ts";

const MILLISECONDS_PER_SECOND = 1000;
const MAX_PAGE_SIZE = 50;

const input = v.strictObject({
  MaxResults: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(MAX_PAGE_SIZE))),
  NextToken: v.optional(v.string()),
});

export const listWorkGroups: Action<AthenaState, v.InferOutput<typeof input>, unknown> = {
  input,
  resources: () => "*",
  run: (request, { state: { store } }) => {
    const { items, NextToken } = page(
      store.workGroups.list(),
      request,
      MAX_PAGE_SIZE,
      "InvalidRequestException",
    );
    return {
      WorkGroups: items.map(({ name, state, description, createdAtMs, configuration }) => ({
        Name: name,
        State: state,
        Description: description,
        CreationTime: createdAtMs / MILLISECONDS_PER_SECOND,
        EngineVersion: engineVersionOf(configuration),
      })),
      NextToken,
    };
  },
};
