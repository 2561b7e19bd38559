import * as v from "valibot";
import type { Action } from "../../api/action.ts";
import { page } from "../../api/page.ts";
import { INVALID_REQUEST } from "../errors.ts";
import { MAX_PAGE_SIZE, pageEntries, workGroupName } from "../inputs.ts";
import type { AthenaState } from "../state.ts";

const input = v.strictObject({ ...pageEntries(0), WorkGroup: workGroupName });

export const listNamedQueries: Action<AthenaState, v.InferOutput<typeof input>, unknown> = {
  input,
  resources: ({ WorkGroup }, { state }) => state.arnOfWorkGroup(WorkGroup),
  run: (request, { state }) => {
    const { name } = state.workGroup(request.WorkGroup);
    const queries = state.namedQueries.list().filter(({ workGroup }) => workGroup === name);
    const { items, NextToken } = page(queries, request, MAX_PAGE_SIZE, INVALID_REQUEST);
    return { NamedQueryIds: items.map(({ id }) => id), NextToken };
  },
};
