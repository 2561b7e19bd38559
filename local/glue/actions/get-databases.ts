import * as v from "valibot";
import type { Action } from "../../api/action.ts";
import { page } from "../../api/page.ts";
import { catalogArns } from "../arns.ts";
import { INVALID_INPUT } from "../errors.ts";
import { catalogEntries, DEFAULT_PAGE_SIZE, pageEntries } from "../inputs.ts";
import type { GlueState } from "../state.ts";

const input = v.strictObject({ ...catalogEntries, ...pageEntries });

export const getDatabases: Action<GlueState, v.InferOutput<typeof input>, unknown> = {
  input,
  resources: (_, { cloud }) => catalogArns(cloud, "*"),
  run: (request, { state }) => {
    const { items, NextToken } = page(state.databases.list(), request, DEFAULT_PAGE_SIZE, INVALID_INPUT);
    return { DatabaseList: items.map((database) => state.describeDatabase(database)), NextToken };
  },
};
