/** What can be said of SQL, and of Athena's errors, from their text alone. */

const COMMENTS_AND_SPACE = /^(\s+|--[^\n]*(\n|$)|\/\*[^]*?\*\/|\()+/;
const EXPLAINED = /^EXPLAIN\b\s*(ANALYZE\b\s*)?(VERBOSE\b\s*)?(\([^)]*\))?/i;
const READS = /^(SELECT|WITH|VALUES|TABLE|SHOW|DESC|DESCRIBE)\b/i;

/** Whether a statement only reads. Athena runs one statement at a time (documented: Athena guide, StartQueryExecution). */
export function isReadOnly(sql: string): boolean {
  const start = sql.replace(COMMENTS_AND_SPACE, "");
  return READS.test(start) || (EXPLAINED.test(start) && isReadOnly(start.replace(EXPLAINED, "")));
}

/** By what Athena writes (documented: Athena guide, troubleshooting, and Trino's error codes). */
const REMEDIES: readonly [RegExp, string][] = [
  [
    /Bytes scanned limit|bytes scanned cutoff/i,
    "read fewer days with a condition on dt, or fewer columns; the workgroup's limit is a parameter of the stack",
  ],
  [
    /EXCEEDED_TIME_LIMIT|Query timeout|exhausted resources|EXCEEDED_(LOCAL_|GLOBAL_)?MEMORY/i,
    "read fewer days with a condition on dt, or aggregate before you sort or join",
  ],
  [/COLUMN_NOT_FOUND|Column '.*' cannot be resolved/i, "take a column of the list beside the editor"],
  [/TABLE_NOT_FOUND|Table '?.*'? does not exist/i, "take a view or a table of the list beside the editor"],
  [
    /FUNCTION_NOT_FOUND|Function '?.*'? not registered/i,
    "take a function of Athena engine version 3 (Trino)",
  ],
  [
    /TYPE_MISMATCH|Cannot apply operator|INVALID_CAST_ARGUMENT|INVALID_FUNCTION_ARGUMENT/i,
    "compare values of one type; convert one with CAST or TRY_CAST",
  ],
  [/DIVISION_BY_ZERO/i, "divide by nullif(…, 0)"],
  [/SYNTAX_ERROR|mismatched input|no viable alternative/i, "correct the SQL at the marked place"],
  [
    /Access ?Denied|not authorized|S3_(403|ACCESS)/i,
    "your credentials need the permissions of npx doorstep query --help",
  ],
  [/THROTTL|TOO_MANY|slow ?down/i, "wait a moment and run it again"],
  [/HIVE_/, "run npx doorstep doctor, which checks the lake"],
];

/** What to do about a query that failed. */
export const remedyOf = (reason: string): string =>
  REMEDIES.find(([pattern]) => pattern.test(reason))?.[1] ?? "change the SQL and run it again";
