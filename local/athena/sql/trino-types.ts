/** A type as Trino sees it, read from DuckDB's name of it. */
export interface TrinoType {
  readonly family:
    | "unknown" | "boolean" | "integer" | "decimal" | "floating" | "text" | "varbinary" | "date" | "timestamp" | "zoned"
    | "time" | "interval" | "json" | "array" | "map" | "row" | "other";
  /** Trino's name, e.g. `decimal(12,1)`. */
  readonly name: string;
  /** Of a decimal, or of the decimal that an integer becomes beside one. */
  readonly precision: number;
  readonly scale: number;
  /** Of an array's elements; of a map's keys and values. */
  readonly inner: readonly TrinoType[];
} // prettier-ignore

type Primitive = readonly [family: TrinoType["family"], name: string, precision?: number];

const PRIMITIVES: Readonly<Record<string, Primitive>> = {
  '"NULL"': ["unknown", "unknown"],
  BOOLEAN: ["boolean", "boolean"],
  TINYINT: ["integer", "tinyint", 3],
  SMALLINT: ["integer", "smallint", 5],
  INTEGER: ["integer", "integer", 10],
  BIGINT: ["integer", "bigint", 19],
  HUGEINT: ["integer", "bigint", 19],
  UBIGINT: ["integer", "bigint", 19],
  FLOAT: ["floating", "real"],
  DOUBLE: ["floating", "double"],
  VARCHAR: ["text", "varchar"],
  BLOB: ["varbinary", "varbinary"],
  DATE: ["date", "date"],
  TIMESTAMP: ["timestamp", "timestamp(3)"],
  TIMESTAMP_MS: ["timestamp", "timestamp(3)"],
  "TIMESTAMP WITH TIME ZONE": ["zoned", "timestamp(3) with time zone"],
  TIME: ["time", "time(3)"],
  INTERVAL: ["interval", "interval day to second"],
  JSON: ["json", "json"],
  UUID: ["other", "uuid"],
};

/** Reads DuckDB's name of a type, e.g. `MAP(VARCHAR, INTEGER[])`; what Trino has not is of the family `other`. */
export function trinoType(duckDb: string): TrinoType {
  const plain = (
    family: TrinoType["family"],
    name: string,
    inner: readonly TrinoType[] = [],
    precision = 0,
    scale = 0,
  ) => ({ family, name, precision, scale, inner }) satisfies TrinoType;
  const element = /^(.*)\[\d*\]$/s.exec(duckDb)?.[1];
  if (element !== undefined) {
    const inner = trinoType(element);
    return plain("array", `array(${inner.name})`, [inner]);
  }
  const [, width, scale] = /^DECIMAL\((\d+),\s*(\d+)\)$/.exec(duckDb) ?? [];
  if (width !== undefined)
    return plain("decimal", `decimal(${width},${scale})`, [], Number(width), Number(scale));
  const [, nested, parts = ""] = /^(MAP|STRUCT)\((.*)\)$/s.exec(duckDb) ?? [];
  if (nested === "MAP") {
    const inner = splitTypes(parts).map(trinoType);
    return plain("map", `map(${inner.map(({ name }) => name).join(", ")})`, inner);
  }
  if (nested === "STRUCT") {
    const fields = splitTypes(parts).map(
      (field) => /^("(?:[^"]|"")*"|\w+) (.*)$/s.exec(field) ?? ["", "", field],
    );
    const inner = fields.map(([, , type = ""]) => trinoType(type));
    const names = fields.map(([, name = ""], index) => {
      const isNamed = name !== "" && !/^"?field\d+"?$/.test(name);
      return isNamed ? `${name.replaceAll('"', "")} ${inner[index]!.name}` : inner[index]!.name;
    });
    return plain("row", `row(${names.join(", ")})`, inner);
  }
  const [family, name, precision] = PRIMITIVES[duckDb] ?? (["other", duckDb.toLowerCase()] as const);
  return plain(family, name, [], precision);
}

/** Splits at the commas that stand outside all parentheses. */
function splitTypes(text: string): string[] {
  const parts: string[] = [];
  let depth = 0;
  let from = 0;
  Array.from(text).forEach((character, index) => {
    if (character === "(") depth++;
    else if (character === ")") depth--;
    else if (character === "," && depth === 0) {
      parts.push(text.slice(from, index).trim());
      from = index + 1;
    }
  });
  return [...parts, text.slice(from).trim()];
}

const NUMBERS = ["integer", "decimal", "floating"];
const MOMENTS = ["date", "timestamp", "zoned"];

export const isNumber = ({ family }: TrinoType): boolean => NUMBERS.includes(family);

/** Whether Trino finds a common type of two, so that they may be compared or stand in one column. */
export function haveCommonType(a: TrinoType, b: TrinoType): boolean {
  if (a.family === "unknown" || b.family === "unknown" || a.family === "other" || b.family === "other")
    return true;
  if (a.family !== b.family)
    return [NUMBERS, MOMENTS].some((group) => group.includes(a.family) && group.includes(b.family));
  return (
    a.inner.length === b.inner.length && a.inner.every((one, index) => haveCommonType(one, b.inner[index]!))
  );
}
