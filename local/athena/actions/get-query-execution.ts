import * as v from "valibot";
import type { Action } from "../../api/action.ts";
import type { AthenaState } from "../index.ts";
import type { ExecutionRecord } from "../store.ts";

const MILLISECONDS_PER_SECOND = 1000;

const input = v.strictObject({ QueryExecutionId: v.string() });

export const getQueryExecution: Action<AthenaState, v.InferOutput<typeof input>, unknown> = {
  input,
  resources: ({ QueryExecutionId }, { state }) => state.store.arnOfExecution(QueryExecutionId),
  run: ({ QueryExecutionId }, { state, cloud }) => ({
    QueryExecution: describe(state.store.execution(QueryExecutionId), cloud.clock.now()),
  }),
};

function describe(execution: ExecutionRecord, nowMs: number): Record<string, unknown> {
  const { state, reason, submittedAtMs, startedAtMs, plannedAtMs } = execution;
  const completedAtMs = execution.completedAtMs ?? nowMs;
  const began = startedAtMs ?? completedAtMs;
  return {
    QueryExecutionId: execution.id,
    Query: execution.query,
    StatementType: execution.statementType,
    ResultConfiguration: { OutputLocation: execution.outputLocation },
    ResultReuseConfiguration: { ResultReuseByAgeConfiguration: { Enabled: false } },
    QueryExecutionContext: { Database: execution.database, Catalog: execution.catalog },
    Status: {
      State: state,
      ...(reason !== undefined && { StateChangeReason: reason }),
      SubmissionDateTime: submittedAtMs / MILLISECONDS_PER_SECOND,
      ...(execution.completedAtMs !== undefined && {
        CompletionDateTime: execution.completedAtMs / MILLISECONDS_PER_SECOND,
      }),
    },
    Statistics: {
      EngineExecutionTimeInMillis: completedAtMs - began,
      DataScannedInBytes: execution.scannedBytes,
      TotalExecutionTimeInMillis: completedAtMs - submittedAtMs,
      QueryQueueTimeInMillis: began - submittedAtMs,
      QueryPlanningTimeInMillis: (plannedAtMs ?? began) - began,
      ServiceProcessingTimeInMillis: 0,
      ResultReuseInformation: { ReusedPreviousResult: false },
    },
    WorkGroup: execution.workGroup,
    ...(execution.parameters && { ExecutionParameters: execution.parameters }),
    EngineVersion: { SelectedEngineVersion: "AUTO", EffectiveEngineVersion: execution.engineVersion },
  };
}
