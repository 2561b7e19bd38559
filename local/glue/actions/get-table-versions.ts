import * as v from "valibot";
import type { Action } from "../../api/action.ts";
import { catalogArns } from "../arns.ts";
import { pageEntries } from "../page.ts";
import { ONLY_VERSION, type CatalogStore } from "../store.ts";

const input = v.strictObject({
  CatalogId: v.optional(v.string()),
  DatabaseName: v.string(),
  TableName: v.string(),
  ...pageEntries,
});

/** Every table has one version here. */
export const getTableVersions: Action<CatalogStore, v.InferOutput<typeof input>, unknown> = {
  input,
  resources: ({ DatabaseName, TableName }, { cloud }) => catalogArns(cloud, DatabaseName, TableName),
  run: ({ DatabaseName, TableName }, { state }) => ({
    TableVersions: [
      { Table: state.describeTable(state.table(DatabaseName, TableName)), VersionId: ONLY_VERSION },
    ],
  }),
};
