import { javaNumber } from "../../local/athena/results/format.ts";
import type { Outcome, Refusal } from "./outcome.ts";

const isRefusal = (outcome: Outcome): outcome is Refusal => "error" in outcome;

/**
 * How the local outcome of a statement differs from Trino's: undefined when both refuse it with the same error, or return
 * the same columns, types and rows; rows in the same order if the statement orders them.
 */
export function difference(sql: string, local: Outcome, trino: Outcome): string | undefined {
  if (isRefusal(trino))
    return isRefusal(local)
      ? local.error === trino.error
        ? undefined
        : `error ${local.error || "without a name"}, Trino ${trino.error}\n  local: ${local.message}\n  trino: ${trino.message}`
      : `runs, Trino refuses: ${trino.message}\n  local: ${sample(local.rows)} ${local.types.join()}`;
  if (isRefusal(local))
    return `refused: ${local.message}\n  trino: ${sample(trino.rows)} ${trino.types.join()}`;
  for (const part of ["columns", "types"] as const)
    if (local[part].map(withoutPrecision).join() !== trino[part].map(withoutPrecision).join())
      return `${part} ${local[part].join(", ")}, Trino ${trino[part].join(", ")}`;
  if (local.rows.length !== trino.rows.length) return `${local.rows.length} rows, Trino ${trino.rows.length}`;
  const [ours, theirs] = [local, trino].map(({ rows, types }) => {
    const lines = rows.map((row) => JSON.stringify(row.map((value, index) => rounded(value, types[index]!))));
    return isOrdered(sql) ? lines : lines.toSorted();
  }) as [string[], string[]];
  const at = ours.findIndex((line, index) => line !== theirs[index]);
  return at < 0 ? undefined : `row ${at + 1} ${ours[at]}, Trino ${theirs[at]}`;
}

/** Of a decimal the scale decides what is printed; its precision is only how wide it could be. */
const withoutPrecision = (type: string): string => type.replace(/^decimal\(\d+,/, "decimal(");

const DIGITS_OF_A_DOUBLE = 12;

/** A sum of doubles depends on their order, which Trino itself changes from run to run: its last digits count for nothing. */
function rounded(value: string | null, type: string): string | null {
  if (value === null || type !== "double" || !Number.isFinite(Number(value))) return value;
  return javaNumber(Number(Number(value).toPrecision(DIGITS_OF_A_DOUBLE)));
}

const sample = (rows: readonly unknown[]): string => JSON.stringify(rows.slice(0, 3)).slice(0, 300);

/** Whether a statement orders its result: an ORDER BY stands outside all parentheses. */
function isOrdered(sql: string): boolean {
  let bare = sql.replaceAll(/--.*$/gm, "").replaceAll(/'(?:[^']|'')*'/g, "");
  for (let before = ""; before !== bare;) [before, bare] = [bare, bare.replaceAll(/\([^()]*\)/g, "")];
  return /\bORDER\s+BY\b/i.test(bare);
}
