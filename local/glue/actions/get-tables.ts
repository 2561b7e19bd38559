import * as v from "valibot";
import type { Action } from "../../api/action.ts";
import { page } from "../../api/page.ts";
import { catalogArns } from "../arns.ts";
import { INVALID_INPUT, invalidInput } from "../errors.ts";
import { catalogEntries, DEFAULT_PAGE_SIZE, pageEntries } from "../inputs.ts";
import type { GlueState } from "../state.ts";

const input = v.strictObject({
  ...catalogEntries,
  DatabaseName: v.string(),
  /** A regular expression that must match the whole name. */
  Expression: v.optional(v.pipe(v.string(), v.maxLength(2048))),
  ...pageEntries,
});

export const getTables: Action<GlueState, v.InferOutput<typeof input>, unknown> = {
  input,
  resources: ({ DatabaseName }, { cloud }) => catalogArns(cloud, DatabaseName, "*"),
  run: (request, { state }) => {
    const pattern = wholeName(request.Expression ?? ".*");
    const tables = state.tables(request.DatabaseName).filter(({ name }) => pattern.test(name));
    const { items, NextToken } = page(tables, request, DEFAULT_PAGE_SIZE, INVALID_INPUT);
    return { TableList: items.map((table) => state.describeTable(table)), NextToken };
  },
};

function wholeName(expression: string): RegExp {
  try {
    return new RegExp(`^(?:${expression})$`, "i");
  } catch {
    throw invalidInput(`Expression ${expression} is not a regular expression`);
  }
}
