import { jsonApi } from "../api/json.ts";
import type { Service } from "../service.ts";
import { getDatabase } from "./actions/get-database.ts";
import { getDatabases } from "./actions/get-databases.ts";
import { getPartitions } from "./actions/get-partitions.ts";
import { getTable } from "./actions/get-table.ts";
import { getTableVersion } from "./actions/get-table-version.ts";
import { getTableVersions } from "./actions/get-table-versions.ts";
import { getTables } from "./actions/get-tables.ts";
import { INVALID_INPUT } from "./errors.ts";
import { resourceTypes } from "./resources.ts";
import { GlueState } from "./state.ts";

/** AWS Glue Data Catalog: the databases and tables of the template, read-only. */
export const glue: Service = {
  name: "glue",
  start: (cloud) => {
    const state = new GlueState(cloud);
    const api = jsonApi(
      {
        signingName: "glue",
        targetPrefix: "AWSGlue",
        version: "1.1",
        invalidInputCode: INVALID_INPUT,
        actions: {
          GetDatabase: getDatabase,
          GetDatabases: getDatabases,
          GetTable: getTable,
          GetTables: getTables,
          GetPartitions: getPartitions,
          GetTableVersion: getTableVersion,
          GetTableVersions: getTableVersions,
        },
      },
      cloud,
      state,
    );
    return { apis: [api], resources: resourceTypes(cloud, state) };
  },
};
