import * as v from "valibot";
import type { Action } from "../../api/action.ts";
import type { AthenaState } from "../index.ts";

const input = v.strictObject({ QueryExecutionId: v.string() });

/** Calls a query off; it is CANCELLED when this answers, unless it had ended before. */
export const stopQueryExecution: Action<AthenaState, v.InferOutput<typeof input>, unknown> = {
  input,
  resources: ({ QueryExecutionId }, { state }) => state.store.arnOfExecution(QueryExecutionId),
  run: ({ QueryExecutionId }, { state }) => {
    state.executions.cancel(QueryExecutionId);
    return {};
  },
};
