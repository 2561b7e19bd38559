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
import { Executions } from "./engine/executions.ts";
import { namedQueryType } from "./named-query.ts";
import { AthenaStore } from "./store.ts";
import { makePrimary, workGroupType } from "./work-groups.ts";

/** What the actions work on. */
export interface AthenaState {
  readonly store: AthenaStore;
  readonly executions: Executions;
}

/** Amazon Athena: SQL over the lake's Parquet files, answered by DuckDB. */
export const athena: Service = {
  name: "athena",
  start: (cloud) => {
    const store = new AthenaStore(cloud);
    makePrimary(cloud, store);
    store.forgetNamedQueries();
    const executions = new Executions(cloud, store);
    return {
      apis: [
        jsonApi(
          {
            signingName: "athena",
            targetPrefix: "AmazonAthena",
            version: "1.1",
            invalidInputCode: "InvalidRequestException",
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
          { store, executions },
        ),
      ],
      resources: {
        "AWS::Athena::WorkGroup": workGroupType(cloud, store),
        "AWS::Athena::NamedQuery": namedQueryType(store),
      },
      stop: () => executions.stop(),
    };
  },
};
