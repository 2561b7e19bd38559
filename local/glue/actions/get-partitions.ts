import * as v from "valibot";
import type { Action } from "../../api/action.ts";
import { catalogArns } from "../arns.ts";
import { catalogEntries, pageEntries } from "../inputs.ts";
import type { GlueState } from "../state.ts";

const input = v.strictObject({
  ...catalogEntries,
  DatabaseName: v.string(),
  TableName: v.string(),
  Expression: v.optional(v.string()),
  ExcludeColumnSchema: v.optional(v.boolean()),
  ...pageEntries,
});

/** Always empty: local partitions are projected, not registered. */
export const getPartitions: Action<GlueState, v.InferOutput<typeof input>, unknown> = {
  input,
  resources: ({ DatabaseName, TableName }, { cloud }) => catalogArns(cloud, DatabaseName, TableName),
  run: ({ DatabaseName, TableName }, { state }) => {
    state.table(DatabaseName, TableName);
    return { Partitions: [] };
  },
};
