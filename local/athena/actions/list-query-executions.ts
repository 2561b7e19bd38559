import * as v from "valibot";
import type { Action } from "../../api/action.ts";
import { page } from "../../api/page.ts";
import { INVALID_REQUEST } from "../errors.ts";
import { MAX_PAGE_SIZE, pageEntries, workGroupName } from "../inputs.ts";
import type { AthenaState } from "../state.ts";

const input = v.strictObject({ ...pageEntries(0), WorkGroup: workGroupName });

/** Lists the executions of a workgroup, the latest first. */
export const listQueryExecutions: Action<AthenaState, v.InferOutput<typeof input>, unknown> = {
  input,
  resources: ({ WorkGroup }, { state }) => state.arnOfWorkGroup(WorkGroup),
  run: (request, { state }) => {
    const { name } = state.workGroup(request.WorkGroup);
    const executions = state.executions
      .list()
      .filter(({ workGroup }) => workGroup === name)
      .toSorted((a, b) => b.submittedAtMs - a.submittedAtMs);
    const { items, NextToken } = page(executions, request, MAX_PAGE_SIZE, INVALID_REQUEST);
    return { QueryExecutionIds: items.map(({ id }) => id), NextToken };
  },
};
