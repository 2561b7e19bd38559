import * as v from "valibot";
import type { Action } from "../../api/action.ts";
import { catalogArns } from "../arns.ts";
import type { CatalogStore } from "../store.ts";

const input = v.strictObject({
  CatalogId: v.optional(v.string()),
  DatabaseName: v.string(),
  Name: v.string(),
});

export const getTable: Action<CatalogStore, v.InferOutput<typeof input>, unknown> = {
  input,
  resources: ({ DatabaseName, Name }, { cloud }) => catalogArns(cloud, DatabaseName, Name),
  run: ({ DatabaseName, Name }, { state }) => ({
    Table: state.describeTable(state.table(DatabaseName, Name)),
  }),
};
