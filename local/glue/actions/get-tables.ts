import * as v from "valibot";
import type { Action } from "../../api/action.ts";
import { AwsError } from "../../errors.ts";
import { catalogArns } from "../arns.ts";
import { page, pageEntries } from "../page.ts";
import type { CatalogStore } from "../store.ts";

const DEFAULT_PAGE_SIZE = 100;

const input = v.strictObject({
  CatalogId: v.optional(v.string()),
  DatabaseName: v.string(),
  /** A regular expression that the whole name must match. */
  Expression: v.optional(v.pipe(v.string(), v.maxLength(2048))),
  ...pageEntries,
});

export const getTables: Action<CatalogStore, v.InferOutput<typeof input>, unknown> = {
  input,
  resources: ({ DatabaseName }, { cloud }) => catalogArns(cloud, DatabaseName, "*"),
  run: (request, { state }) => {
    const wanted = wholeName(request.Expression ?? ".*");
    const tables = state.tables(request.DatabaseName).filter(({ name }) => wanted.test(name));
    const { items, nextToken } = page(tables, request, DEFAULT_PAGE_SIZE);
    return { TableList: items.map((table) => state.describeTable(table)), NextToken: nextToken };
  },
};

function wholeName(expression: string): RegExp {
  try {
    return new RegExp(`^(?:${expression})$`, "i");
  } catch {
    throw new AwsError("InvalidInputException", `Expression ${expression} is not a regular expression`);
  }
}
