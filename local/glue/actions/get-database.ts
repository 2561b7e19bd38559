import * as v from "valibot";
import type { Action } from "../../api/action.ts";
import { catalogArns } from "../arns.ts";
import type { CatalogStore } from "../store.ts";

const input = v.strictObject({ CatalogId: v.optional(v.string()), Name: v.string() });

export const getDatabase: Action<CatalogStore, v.InferOutput<typeof input>, unknown> = {
  input,
  resources: ({ Name }, { cloud }) => catalogArns(cloud, Name),
  run: ({ Name }, { state }) => ({ Database: state.describeDatabase(state.database(Name)) }),
};
