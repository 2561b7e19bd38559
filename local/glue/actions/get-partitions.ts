import * as v from "valibot";
import type { Action } from "../../api/action.ts";
import { catalogArns } from "../arns.ts";
import { pageEntries } from "../page.ts";
import type { CatalogStore } from "../store.ts";

const input = v.strictObject({
  CatalogId: v.optional(v.string()),
  DatabaseName: v.string(),
  TableName: v.string(),
  Expression: v.optional(v.string()),
  ExcludeColumnSchema: v.optional(v.boolean()),
  ...pageEntries,
});

/** Always empty: partitions here are projected, never registered. */
export const getPartitions: Action<CatalogStore, v.InferOutput<typeof input>, unknown> = {
  input,
  resources: ({ DatabaseName, TableName }, { cloud }) => catalogArns(cloud, DatabaseName, TableName),
  run: ({ DatabaseName, TableName }, { state }) => {
    state.table(DatabaseName, TableName);
    return { Partitions: [] };
  },
};
