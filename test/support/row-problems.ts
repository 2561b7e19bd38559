import type { Column, Table } from "../../schemas/tables/column.ts";

const TIMESTAMP = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;

function fits({ type, fields }: Pick<Column, "fields"> & { type: string }, value: unknown): boolean {
  if (fields) {
    const isProblematic = (each: unknown) =>
      !isObject(each) || rowProblems({ name: type, columns: fields }, each).length > 0;
    return Array.isArray(value) && !value.some(isProblematic);
  }
  const [, element] = /^(?:array<|map<string,)(.+)>$/.exec(type) ?? [];
  if (element !== undefined) {
    if (!isObject(value) || Array.isArray(value) !== type.startsWith("array")) return false;
    return Object.values(value).every((each) => fits({ type: element }, each));
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

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null;

/** Why `row` is not a row of `table`: empty if it has exactly the columns, each of its type. */
export function rowProblems(
  table: Pick<Table, "name" | "columns">,
  row: Readonly<Record<string, unknown>>,
): string[] {
  const problems: string[] = [];
  const unknown = new Set(Object.keys(row));
  for (const column of table.columns) {
    const { name, type, nullable } = column;
    unknown.delete(name);
    const value = row[name];
    if (value === undefined) problems.push(`${name} is missing`);
    else if (value === null) {
      if (!nullable) problems.push(`${name} is null; expected ${type}`);
    } else if (!fits(column, value)) problems.push(`${name} is ${JSON.stringify(value)}; expected ${type}`);
  }
  for (const name of unknown) problems.push(`${name} is not a column of ${table.name}`);
  return problems;
}
