import * as v from "valibot";
import type { Action } from "../../api/action.ts";
import { catalogArns } from "../arns.ts";
import { catalogEntries } from "../inputs.ts";
import type { GlueState } from "../state.ts";

const input = v.strictObject({ ...catalogEntries, Name: v.string() });

export const getDatabase: Action<GlueState, v.InferOutput<typeof input>, unknown> = {
  input,
  resources: ({ Name }, { cloud }) => catalogArns(cloud, Name),
  run: ({ Name }, { state }) => ({ Database: state.describeDatabase(state.database(Name)) }),
};
