import * as v from "valibot";
import type { Action } from "../../api/action.ts";
import { page } from "../../glue/page.ts";
import type { AthenaState } from "../index.ts";
import { PRIMARY } from "../work-group.ts";

/** Documented: Athena API, ListNamedQueries. */
const MAX_PAGE_SIZE = 50;

const input = v.strictObject({
  MaxResults: v.optional(v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(MAX_PAGE_SIZE))),
  NextToken: v.optional(v.string()),
  WorkGroup: v.optional(v.string(), PRIMARY),
});

export const listNamedQueries: Action<AthenaState, v.InferOutput<typeof input>, unknown> = {
  input,
  resources: ({ WorkGroup }, { state }) => state.store.arnOfWorkGroup(WorkGroup),
  run: ({ MaxResults, NextToken, WorkGroup }, { state: { store } }) => {
    const { name } = store.workGroup(WorkGroup);
    const { items, nextToken } = page(
      store.namedQueries.list().filter(({ workGroup }) => workGroup === name),
      // The API's range begins at 0, which asks for no certain number.
      { MaxResults: MaxResults || undefined, NextToken },
      MAX_PAGE_SIZE,
      "InvalidRequestException",
    );
    return { NamedQueryIds: items.map(({ id }) => id), NextToken: nextToken };
  },
};
