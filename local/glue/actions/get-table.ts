import * as v from "valibot";
import type { Action } from "../../api/action.ts";
import { catalogArns } from "../arns.ts";
import { catalogEntries } from "../inputs.ts";
import type { GlueState } from "../state.ts";

const input = v.strictObject({ ...catalogEntries, DatabaseName: v.string(), Name: v.string() });

export const getTable: Action<GlueState, v.InferOutput<typeof input>, unknown> = {
  input,
  resources: ({ DatabaseName, Name }, { cloud }) => catalogArns(cloud, DatabaseName, Name),
  run: ({ DatabaseName, Name }, { state }) => ({
    Table: state.describeTable(state.table(DatabaseName, Name)),
  }),
};
