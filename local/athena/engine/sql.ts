import { explainIo } from "./explain-io.ts";
import { explainQuery, runQuery } from "./run-query.ts";

export { readStatement } from "../sql/statement.ts";
export { Session } from "./connection.ts";
export { runUtility } from "./utility.ts";

/** By the kind of a statement that has a query. */
export const ANSWERS = { query: runQuery, explain: explainQuery, "explain-io": explainIo } as const;
