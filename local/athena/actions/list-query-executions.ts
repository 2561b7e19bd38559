import * as v from "valibot";
import type { Action } from "../../api/action.ts";
import { page } from "../../api/page.ts";
import type { AthenaState } from "../index.ts";
import { PRIMARY } from "../work-groups.ts";

const MAX_PAGE_SIZE = 50;

const input = v.strictObject({
  WorkGroup: v.optional(v.string(), PRIMARY),
  MaxResults: v.optional(v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(MAX_PAGE_SIZE))),
  NextToken: v.optional(v.string()),
});

/** Ids of a workgroup's queries, the latest first. */
export const listQueryExecutions: Action<AthenaState, v.InferOutput<typeof input>, unknown> = {
  input,
  resources: ({ WorkGroup }, { state }) => state.store.arnOfWorkGroup(WorkGroup),
  run: (request, { state: { store } }) => {
    store.workGroup(request.WorkGroup);
    const ids = store.executions
      .list()
      .filter(({ workGroup }) => workGroup === request.WorkGroup)
      .toSorted((a, b) => b.submittedAtMs - a.submittedAtMs)
      .map(({ id }) => id);
    const { items, NextToken } = page(ids, request, MAX_PAGE_SIZE, "InvalidRequestException");
    return { QueryExecutionIds: items, NextToken };
  },
};
