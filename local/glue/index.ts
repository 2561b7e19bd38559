import { jsonApi } from "../api/json.ts";
import type { Service } from "../service.ts";
import { getDatabase } from "./actions/get-database.ts";
import { getDatabases } from "./actions/get-databases.ts";
import { getPartitions } from "./actions/get-partitions.ts";
import { getTable } from "./actions/get-table.ts";
import { getTableVersion } from "./actions/get-table-version.ts";
import { getTableVersions } from "./actions/get-table-versions.ts";
import { getTables } from "./actions/get-tables.ts";
import { databaseType, tableType } from "./resources.ts";
import { CatalogStore } from "./store.ts";

/** AWS Glue Data Catalog: databases and tables of the template, for reading. */
export const glue: Service = {
  name: "glue",
  start: (cloud) => {
    const catalog = new CatalogStore(cloud);
    return {
      apis: [
        jsonApi(
          {
            signingName: "glue",
            targetPrefix: "AWSGlue",
            version: "1.1",
            invalidInputCode: "InvalidInputException",
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
          catalog,
        ),
      ],
      resources: {
        "AWS::Glue::Database": databaseType(catalog),
        "AWS::Glue::Table": tableType(catalog, () => cloud.clock.now()),
      },
    };
  },
};
