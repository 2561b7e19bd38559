import * as v from "valibot";
import type { Action } from "../../api/action.ts";
import { catalogArns } from "../arns.ts";
import { catalogEntries, pageEntries } from "../inputs.ts";
import { ONLY_VERSION, type GlueState } from "../state.ts";

const input = v.strictObject({
  ...catalogEntries,
  DatabaseName: v.string(),
  TableName: v.string(),
  ...pageEntries,
});

/** A local table has one version. */
export const getTableVersions: Action<GlueState, v.InferOutput<typeof input>, unknown> = {
  input,
  resources: ({ DatabaseName, TableName }, { cloud }) => catalogArns(cloud, DatabaseName, TableName),
  run: ({ DatabaseName, TableName }, { state }) => ({
    TableVersions: [
      { Table: state.describeTable(state.table(DatabaseName, TableName)), VersionId: ONLY_VERSION },
    ],
  }),
};
