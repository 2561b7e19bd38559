import * as v from "valibot";
import { SECOND_MS } from "../../../base/durations.ts";
import type { Action } from "../../api/action.ts";
import type { ExecutionRecord } from "../records.ts";
import type { AthenaState } from "../state.ts";

const input = v.strictObject({ QueryExecutionId: v.string() });

export const getQueryExecution: Action<AthenaState, v.InferOutput<typeof input>, unknown> = {
  input,
  resources: ({ QueryExecutionId }, { state }) => state.arnOfExecution(QueryExecutionId),
  run: ({ QueryExecutionId }, { state, cloud }) => ({
    QueryExecution: describe(state.executions.get(QueryExecutionId), cloud.clock.now()),
  }),
};

function describe(execution: ExecutionRecord, nowMs: number): Record<string, unknown> {
  const { submittedAtMs, completedAtMs } = execution;
  const endMs = completedAtMs ?? nowMs;
  const startMs = execution.startedAtMs ?? endMs;
  const plannedAtMs = execution.plannedAtMs ?? startMs;
  return {
    QueryExecutionId: execution.id,
    Query: execution.query,
    StatementType: execution.statementType,
    ResultConfiguration: { OutputLocation: execution.outputLocation },
    ResultReuseConfiguration: { ResultReuseByAgeConfiguration: { Enabled: false } },
    QueryExecutionContext: { Database: execution.database, Catalog: execution.catalog },
    Status: {
      State: execution.state,
      StateChangeReason: execution.reason,
      SubmissionDateTime: submittedAtMs / SECOND_MS,
      CompletionDateTime: completedAtMs === undefined ? undefined : completedAtMs / SECOND_MS,
    },
    Statistics: {
      EngineExecutionTimeInMillis: endMs - startMs,
      DataScannedInBytes: execution.scannedBytes,
      TotalExecutionTimeInMillis: endMs - submittedAtMs,
      QueryQueueTimeInMillis: startMs - submittedAtMs,
      QueryPlanningTimeInMillis: plannedAtMs - startMs,
      ServiceProcessingTimeInMillis: 0,
      ResultReuseInformation: { ReusedPreviousResult: false },
    },
    WorkGroup: execution.workGroup,
    ExecutionParameters: execution.parameters,
    EngineVersion: { SelectedEngineVersion: "AUTO", EffectiveEngineVersion: execution.engineVersion },
  };
}
