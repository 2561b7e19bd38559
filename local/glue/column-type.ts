import { quoteIdentifier } from "../duckdb.ts";

/** A column's type, parsed. */
export type ColumnType =
  | { readonly kind: "text" | "boolean" | "date" | "timestamp" | "zoned-timestamp" | "binary" | "json" }
  | { readonly kind: "integer"; readonly bits: 8 | 16 | 32 | 64 }
  | { readonly kind: "floating"; readonly bits: 32 | 64 }
  | { readonly kind: "decimal"; readonly precision: number; readonly scale: number }
  | { readonly kind: "array"; readonly element: ColumnType }
  | { readonly kind: "map"; readonly key: ColumnType; readonly value: ColumnType }
  | { readonly kind: "struct"; readonly fields: readonly ColumnField[] };

export interface ColumnField {
  readonly name: string;
  readonly type: ColumnType;
}

/** How a dialect spells types. */
export interface TypeDialect {
  readonly open: RegExp;
  readonly close: RegExp;
  readonly struct: string;
  /** A field's name in a struct, with the separator after it. */
  readonly fieldName: RegExp;
  readonly primitives: Readonly<Record<string, ColumnType>>;
}

const SHARED: TypeDialect["primitives"] = {
  varchar: { kind: "text" },
  char: { kind: "text" },
  boolean: { kind: "boolean" },
  tinyint: { kind: "integer", bits: 8 },
  smallint: { kind: "integer", bits: 16 },
  int: { kind: "integer", bits: 32 },
  integer: { kind: "integer", bits: 32 },
  bigint: { kind: "integer", bits: 64 },
  double: { kind: "floating", bits: 64 },
  decimal: { kind: "decimal", precision: 10, scale: 0 },
  date: { kind: "date" },
  timestamp: { kind: "timestamp" },
};

/** Glue column types: `map<string,array<int>>`, `struct<left:double>`. */
export const HIVE: TypeDialect = {
  open: /^</,
  close: /^>/,
  struct: "struct",
  fieldName: /^([^:<>,]+):/,
  primitives: {
    ...SHARED,
    string: { kind: "text" },
    float: { kind: "floating", bits: 32 },
    binary: { kind: "binary" },
  },
};

/** The types in a view's text: `map(varchar,array(integer))`, `row(left double)`, `timestamp(3) with time zone`. */
export const TRINO: TypeDialect = {
  open: /^\(/,
  close: /^\)/,
  struct: "row",
  fieldName: /^("(?:[^"]|"")*"|[^(), ]+)/,
  primitives: {
    ...SHARED,
    real: { kind: "floating", bits: 32 },
    varbinary: { kind: "binary" },
    json: { kind: "json" },
    "timestamp with time zone": { kind: "zoned-timestamp" },
  },
};

const MAX_DEPTH = 32;
const MAX_DECIMAL_PRECISION = 38;

/** @throws RangeError that quotes what cannot be read or is not emulated */
export function parseColumnType(source: string, dialect: TypeDialect): ColumnType {
  let rest = source.trim();
  const accept = (token: RegExp): string | undefined => {
    const match = token.exec(rest);
    if (match) rest = rest.slice(match[0].length).trimStart();
    return match ? (match[1] ?? match[0]).trim() : undefined;
  };
  const expect = (token: RegExp): string => {
    const found = accept(token);
    if (found === undefined) throw new RangeError(`the type ${source} cannot be read at "${rest}"`);
    return found;
  };

  const parse = (depth: number): ColumnType => {
    if (depth > MAX_DEPTH) throw new RangeError(`the type ${source} is nested more than ${MAX_DEPTH} deep`);
    const name = expect(/^[a-z]+/i).toLowerCase();
    if (name !== "array" && name !== "map" && name !== dialect.struct) return primitive(name);
    expect(dialect.open);
    const type = nested(name, depth + 1);
    expect(dialect.close);
    return type;
  };

  const nested = (name: string, depth: number): ColumnType => {
    if (name === "array") return { kind: "array", element: parse(depth) };
    if (name === "map") {
      const key = parse(depth);
      if (["array", "map", "struct"].includes(key.kind))
        throw new RangeError(`the map key in ${source} is not a primitive type`);
      expect(/^,/);
      return { kind: "map", key, value: parse(depth) };
    }
    const fields: ColumnField[] = [];
    do fields.push({ name: unquoted(expect(dialect.fieldName)), type: parse(depth) });
    while (accept(/^,/) !== undefined);
    return { kind: "struct", fields };
  };

  const primitive = (name: string): ColumnType => {
    const sizes = accept(/^\(\s*\d{1,5}\s*(?:,\s*\d{1,5}\s*)?\)/)?.match(/\d+/g)?.map(Number) ?? []; // prettier-ignore
    const zone = name === "timestamp" && accept(/^with time zone/i) !== undefined ? " with time zone" : "";
    const { primitives } = dialect;
    const type = Object.hasOwn(primitives, name) ? primitives[name + zone] : undefined;
    const [precision = 10, scale = 0] = sizes;
    if (
      type?.kind === "decimal" &&
      precision >= 1 &&
      precision <= MAX_DECIMAL_PRECISION &&
      scale <= precision
    )
      return { kind: "decimal", precision, scale };
    const isSized =
      sizes.length === 1 && (name.endsWith("char") || (name === "timestamp" && dialect === TRINO));
    if (!type || type.kind === "decimal" || (sizes.length > 0 && !isSized))
      throw new RangeError(`the type ${name} in ${source} is not emulated`);
    return type;
  };

  const type = parse(0);
  if (rest) throw new RangeError(`the type ${source} cannot be read at "${rest}"`);
  return type;
}

const unquoted = (name: string): string =>
  name.startsWith('"') ? name.slice(1, -1).replaceAll('""', '"') : name;

/** @param timestamp DuckDB's type of a timestamp, by its precision: microseconds or milliseconds */
export function duckDbType(type: ColumnType, timestamp: "TIMESTAMP" | "TIMESTAMP_MS"): string {
  const inner = (one: ColumnType): string => duckDbType(one, timestamp);
  switch (type.kind) {
    case "text":
      return "VARCHAR";
    case "integer":
      return { 8: "TINYINT", 16: "SMALLINT", 32: "INTEGER", 64: "BIGINT" }[type.bits];
    case "floating":
      return type.bits === 32 ? "FLOAT" : "DOUBLE";
    case "decimal":
      return `DECIMAL(${type.precision}, ${type.scale})`;
    case "timestamp":
      return timestamp;
    case "zoned-timestamp":
      return "TIMESTAMPTZ";
    case "binary":
      return "BLOB";
    case "array":
      return `${inner(type.element)}[]`;
    case "map":
      return `MAP(${inner(type.key)}, ${inner(type.value)})`;
    case "struct":
      return `STRUCT(${type.fields.map((field) => `${quoteIdentifier(field.name)} ${inner(field.type)}`).join(", ")})`;
    default:
      return type.kind.toUpperCase();
  }
}
