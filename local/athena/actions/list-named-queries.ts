import * as v from "valibot";
import type { Action } from "../../api/action.ts";
import { page } from "../../api/page.ts";
import type { AthenaState } from "../index.ts";
import { PRIMARY } from "../work-groups.ts";

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
  run: (request, { state: { store } }) => {
    const { name } = store.workGroup(request.WorkGroup);
    const { items, NextToken } = page(
      store.namedQueries.list().filter(({ workGroup }) => workGroup === name),
      request,
      MAX_PAGE_SIZE,
      "InvalidRequestException",
    );
    return { NamedQueryIds: items.map(({ id }) => id), NextToken };
  },
};
