import * as v from "valibot";
import type { Action } from "../../api/action.ts";
import type { AthenaState } from "../state.ts";

const input = v.strictObject({ QueryExecutionId: v.string() });

/** Cancels a query; it is CANCELLED when the action returns, unless it had ended before. */
export const stopQueryExecution: Action<AthenaState, v.InferOutput<typeof input>, unknown> = {
  input,
  resources: ({ QueryExecutionId }, { state }) => state.arnOfExecution(QueryExecutionId),
  run: ({ QueryExecutionId }, { state }) => {
    state.executions.cancel(QueryExecutionId);
    return {};
  },
};
