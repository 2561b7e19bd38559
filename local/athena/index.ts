import { jsonApi } from "../api/json.ts";
import type { Service } from "../service.ts";
import { batchGetNamedQuery } from "./actions/batch-get-named-query.ts";
import { getNamedQuery } from "./actions/get-named-query.ts";
import { getQueryExecution } from "./actions/get-query-execution.ts";
import { getQueryResults } from "./actions/get-query-results.ts";
import { getWorkGroup } from "./actions/get-work-group.ts";
import { listNamedQueries } from "./actions/list-named-queries.ts";
import { listQueryExecutions } from "./actions/list-query-executions.ts";
import { listWorkGroups } from "./actions/list-work-groups.ts";
import { startQueryExecution } from "./actions/start-query-execution.ts";
import { stopQueryExecution } from "./actions/stop-query-execution.ts";
import { LakeDuckDb } from "./engine/lake-duckdb.ts";
import { INVALID_REQUEST } from "./errors.ts";
import { resourceTypes } from "./resources.ts";
import { AthenaState } from "./state.ts";

/**
 * Amazon Athena: SQL over the lake's Parquet and JSON files, which DuckDB runs. Emits the events query-state-changed,
 * query-ended, partitions-listed and many-partitions-listed.
 */
export const athena: Service = {
  name: "athena",
  start: (cloud) => {
    const state = new AthenaState(cloud);
    const api = jsonApi(
      {
        signingName: "athena",
        targetPrefix: "AmazonAthena",
        version: "1.1",
        invalidInputCode: INVALID_REQUEST,
        actions: {
          StartQueryExecution: startQueryExecution,
          GetQueryExecution: getQueryExecution,
          GetQueryResults: getQueryResults,
          StopQueryExecution: stopQueryExecution,
          ListQueryExecutions: listQueryExecutions,
          GetNamedQuery: getNamedQuery,
          BatchGetNamedQuery: batchGetNamedQuery,
          ListNamedQueries: listNamedQueries,
          GetWorkGroup: getWorkGroup,
          ListWorkGroups: listWorkGroups,
        },
      },
      cloud,
      state,
    );
    return {
      apis: [api],
      resources: resourceTypes(cloud, state),
      stop: async () => {
        await state.executions.stop();
        await LakeDuckDb.close(cloud.dataFolder);
      },
    };
  },
};
