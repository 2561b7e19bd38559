import * as v from "valibot";
import type { Action } from "../../api/action.ts";
import { catalogArns } from "../arns.ts";
import { entityNotFound } from "../errors.ts";
import { catalogEntries } from "../inputs.ts";
import { ONLY_VERSION, type GlueState } from "../state.ts";

const input = v.strictObject({
  ...catalogEntries,
  DatabaseName: v.string(),
  TableName: v.string(),
  VersionId: v.optional(v.string(), ONLY_VERSION),
});

export const getTableVersion: Action<GlueState, v.InferOutput<typeof input>, unknown> = {
  input,
  resources: ({ DatabaseName, TableName }, { cloud }) => catalogArns(cloud, DatabaseName, TableName),
  run: ({ DatabaseName, TableName, VersionId }, { state }) => {
    const Table = state.describeTable(state.table(DatabaseName, TableName));
    if (VersionId !== ONLY_VERSION)
      throw entityNotFound(
        `Version ${VersionId} of table ${TableName} not found; local tables have the one version ${ONLY_VERSION}.`,
      );
    return { TableVersion: { Table, VersionId } };
  },
};
