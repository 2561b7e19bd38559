import type { Table } from "../../schemas/tables/column.ts";

const TIMESTAMP = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;

function fits(type: string, value: unknown): boolean {
  const [, element] = /^(?:array<|map<string,)(.+)>$/.exec(type) ?? [];
  if (element !== undefined) {
    if (typeof value !== "object" || value === null || Array.isArray(value) !== type.startsWith("array")) {
      return false;
    }
    return Object.values(value).every((each) => fits(element, each));
  }
  switch (type) {
    case "string":
      return typeof value === "string";
    case "boolean":
      return typeof value === "boolean";
    case "bigint":
      return Number.isSafeInteger(value);
    case "int":
      return Number.isInteger(value) && Math.abs(value as number) < 2 ** 31;
    case "double":
      return Number.isFinite(value);
    case "timestamp":
      return typeof value === "string" && TIMESTAMP.test(value) && !Number.isNaN(Date.parse(value));
    default:
      return false;
  }
}

/** Why `row` is not a row of `table`: empty if it has exactly the columns, each of its type. */
export function rowProblems(table: Table, row: Readonly<Record<string, unknown>>): string[] {
  const problems: string[] = [];
  const unknown = new Set(Object.keys(row));
  for (const { name, type, nullable } of table.columns) {
    unknown.delete(name);
    const value = row[name];
    if (value === undefined) problems.push(`${name} is missing`);
    else if (value === null) {
      if (!nullable) problems.push(`${name} is null; expected ${type}`);
    } else if (!fits(type, value)) problems.push(`${name} is ${JSON.stringify(value)}; expected ${type}`);
  }
  for (const name of unknown) problems.push(`${name} is not a column of ${table.name}`);
  return problems;
}
