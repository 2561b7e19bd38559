/** A column's type, parsed. */
export type HiveType =
  | { readonly kind: "text" }
  | { readonly kind: "integer"; readonly bits: 8 | 16 | 32 | 64 }
  | { readonly kind: "floating"; readonly bits: 32 | 64 }
  | { readonly kind: "decimal"; readonly precision: number; readonly scale: number }
  | { readonly kind: "boolean" }
  | { readonly kind: "date" }
  | { readonly kind: "timestamp" }
  | { readonly kind: "array"; readonly element: HiveType }
  | { readonly kind: "map"; readonly key: HiveType; readonly value: HiveType }
  | { readonly kind: "struct"; readonly fields: readonly HiveField[] };

export interface HiveField {
  readonly name: string;
  readonly type: HiveType;
}

const PRIMITIVES: Readonly<Record<string, HiveType>> = {
  string: { kind: "text" },
  tinyint: { kind: "integer", bits: 8 },
  smallint: { kind: "integer", bits: 16 },
  int: { kind: "integer", bits: 32 },
  integer: { kind: "integer", bits: 32 },
  bigint: { kind: "integer", bits: 64 },
  float: { kind: "floating", bits: 32 },
  double: { kind: "floating", bits: 64 },
  decimal: { kind: "decimal", precision: 10, scale: 0 },
  boolean: { kind: "boolean" },
  date: { kind: "date" },
  timestamp: { kind: "timestamp" },
};

const MAX_DEPTH = 32;

/**
 * Parses a Glue column type: Hive primitives but `binary`, and `array`, `map` and `struct` of them.
 * @throws Error that quotes what it could not read
 */
export function parseHiveType(source: string): HiveType {
  let rest = source.trim();

  const accept = (token: RegExp): string | undefined => {
    const match = token.exec(rest)?.[0];
    if (match !== undefined) rest = rest.slice(match.length).trimStart();
    return match?.trim();
  };
  const expect = (token: RegExp): string => {
    const found = accept(token);
    if (found === undefined) throw new Error(`the type ${source} cannot be read at "${rest}"`);
    return found;
  };

  const type = (depth: number): HiveType => {
    if (depth > MAX_DEPTH) throw new Error(`the type ${source} is nested more than ${MAX_DEPTH} deep`);
    const name = expect(/^[a-z]+/i).toLowerCase();
    if (name === "array") {
      expect(/^</);
      const element = type(depth + 1);
      expect(/^>/);
      return { kind: "array", element };
    }
    if (name === "map") {
      expect(/^</);
      const key = type(depth + 1);
      expect(/^,/);
      const value = type(depth + 1);
      expect(/^>/);
      if (["array", "map", "struct"].includes(key.kind))
        throw new Error(`the map key in ${source} is no primitive`);
      return { kind: "map", key, value };
    }
    if (name === "struct") {
      const fields: HiveField[] = [];
      expect(/^</);
      do {
        const field = expect(/^[^:<>,]+/);
        expect(/^:/);
        fields.push({ name: field, type: type(depth + 1) });
      } while (accept(/^,/));
      expect(/^>/);
      return { kind: "struct", fields };
    }
    const sizes = accept(/^\(\s*\d{1,5}\s*(,\s*\d{1,5}\s*)?\)/)
      ?.match(/\d+/g)
      ?.map(Number);
    if (name === "decimal" && sizes) {
      const [precision = 0, scale = 0] = sizes;
      if (precision >= 1 && precision <= 38 && scale <= precision)
        return { kind: "decimal", precision, scale };
    } else if ((name === "char" || name === "varchar") && sizes?.length === 1) return { kind: "text" };
    else if (!sizes && Object.hasOwn(PRIMITIVES, name)) return PRIMITIVES[name]!;
    throw new Error(`the type ${name} in ${source} is not emulated`);
  };

  const parsed = type(0);
  if (rest) throw new Error(`the type ${source} cannot be read at "${rest}"`);
  return parsed;
}

/**
 * The DuckDB type that a column is written as. A timestamp is TIMESTAMP_MS, which DuckDB writes as Parquet's INT64
 * TIMESTAMP_MILLIS, not adjusted to UTC: exactly the milliseconds that Athena engine v3 keeps, where microseconds
 * would be rounded. AWS itself writes INT96 (unconfirmed), which DuckDB doesn't.
 */
export function duckDbType(type: HiveType): string {
  switch (type.kind) {
    case "text":
      return "VARCHAR";
    case "integer":
      return { 8: "TINYINT", 16: "SMALLINT", 32: "INTEGER", 64: "BIGINT" }[type.bits];
    case "floating":
      return type.bits === 32 ? "FLOAT" : "DOUBLE";
    case "decimal":
      return `DECIMAL(${type.precision}, ${type.scale})`;
    case "boolean":
      return "BOOLEAN";
    case "date":
      return "DATE";
    case "timestamp":
      return "TIMESTAMP_MS";
    case "array":
      return `${duckDbType(type.element)}[]`;
    case "map":
      return `MAP(${duckDbType(type.key)}, ${duckDbType(type.value)})`;
    case "struct":
      return `STRUCT(${type.fields.map((field) => `${quoted(field.name)} ${duckDbType(field.type)}`).join(", ")})`;
  }
}

const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`;
