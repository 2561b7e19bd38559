import * as v from "valibot";
import type { Action } from "../../api/action.ts";
import { catalogArns } from "../arns.ts";
import { page, pageEntries } from "../page.ts";
import type { CatalogStore } from "../store.ts";

const DEFAULT_PAGE_SIZE = 100;

const input = v.strictObject({ CatalogId: v.optional(v.string()), ...pageEntries });

export const getDatabases: Action<CatalogStore, v.InferOutput<typeof input>, unknown> = {
  input,
  resources: (_, { cloud }) => catalogArns(cloud, "*"),
  run: (request, { state }) => {
    const { items, nextToken } = page(state.databases.list(), request, DEFAULT_PAGE_SIZE);
    return { DatabaseList: items.map((database) => state.describeDatabase(database)), NextToken: nextToken };
  },
};
