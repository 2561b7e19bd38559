import { quoteIdentifier } from "../../duckdb.ts";

const MAX_DEPTH = 32;

/** DuckDB's name of a Hive or Trino primitive type. */
const PRIMITIVES: Readonly<Record<string, string>> = {
  string: "VARCHAR",
  varchar: "VARCHAR",
  char: "VARCHAR",
  boolean: "BOOLEAN",
  tinyint: "TINYINT",
  smallint: "SMALLINT",
  int: "INTEGER",
  integer: "INTEGER",
  bigint: "BIGINT",
  float: "FLOAT",
  real: "FLOAT",
  double: "DOUBLE",
  decimal: "DECIMAL",
  date: "DATE",
  timestamp: "TIMESTAMP",
  "timestamp with time zone": "TIMESTAMPTZ",
  binary: "BLOB",
  varbinary: "BLOB",
  json: "JSON",
};

/**
 * DuckDB's type for a Glue column type (`map<string,array<int>>`) or for the Trino type in a view's text
 * (`map(varchar,array(integer))`).
 * @throws RangeError that quotes what it could not read
 */
export function duckDbType(source: string): string {
  let rest = source.trim();
  const accept = (token: RegExp): string | undefined => {
    const found = token.exec(rest)?.[0];
    if (found !== undefined) rest = rest.slice(found.length).trimStart();
    return found?.trim();
  };
  const expect = (token: RegExp): string => {
    const found = accept(token);
    if (found === undefined) throw new RangeError(`the type ${source} cannot be read at "${rest}"`);
    return found;
  };
  const open = () => expect(/^[<(]/);
  const close = () => expect(/^[>)]/);

  const read = (depth: number): string => {
    if (depth > MAX_DEPTH) throw new RangeError(`the type ${source} is nested more than ${MAX_DEPTH} deep`);
    const name = expect(/^[a-z]+/i).toLowerCase();
    if (name === "array") {
      open();
      const element = read(depth + 1);
      close();
      return `${element}[]`;
    }
    if (name === "map") {
      open();
      const key = read(depth + 1);
      expect(/^,/);
      const value = read(depth + 1);
      close();
      return `MAP(${key}, ${value})`;
    }
    if (name === "struct" || name === "row") {
      open();
      const fields: string[] = [];
      do {
        const field =
          accept(/^"(?:[^"]|"")*"/)
            ?.slice(1, -1)
            .replaceAll('""', '"') ?? expect(/^[^:<>(), ]+/);
        accept(/^:/);
        fields.push(`${quoteIdentifier(field)} ${read(depth + 1)}`);
      } while (accept(/^,/));
      close();
      return `STRUCT(${fields.join(", ")})`;
    }
    const size = accept(/^\(\s*\d{1,9}\s*(,\s*\d{1,5}\s*)?\)/) ?? "";
    const zone = name === "timestamp" && accept(/^with time zone/i) ? " with time zone" : "";
    const primitive = Object.hasOwn(PRIMITIVES, name) ? PRIMITIVES[name + zone]! : undefined;
    if (primitive === undefined) throw new RangeError(`the type ${name} in ${source} is not supported`);
    return primitive === "DECIMAL" ? `DECIMAL${size || "(10, 0)"}` : primitive;
  };

  const type = read(0);
  if (rest) throw new RangeError(`the type ${source} cannot be read at "${rest}"`);
  return type;
}

/** A column of a result as `GetQueryResults` describes it. */
export interface ColumnInfo {
  readonly CatalogName: string;
  readonly SchemaName: string;
  readonly TableName: string;
  readonly Name: string;
  readonly Label: string;
  readonly Type: string;
  readonly Precision: number;
  readonly Scale: number;
  readonly Nullable: "UNKNOWN";
  readonly CaseSensitive: boolean;
}

/** Athena's name and precision of what DuckDB's types print as (observed: results of AWS's own clients). */
const RESULT_TYPES: readonly (readonly [duckDb: RegExp, athena: string, precision: number])[] = [
  [/\[\d*\]$/, "array", 0],
  [/^MAP\b/, "map", 0],
  [/^STRUCT\b/, "row", 0],
  [/^BOOLEAN$/, "boolean", 0],
  [/^U?TINYINT$/, "tinyint", 3],
  [/^U?SMALLINT$/, "smallint", 5],
  [/^U?INTEGER$|^INTEGER_LITERAL$/, "integer", 10],
  [/^U?BIGINT$|^U?HUGEINT$/, "bigint", 19],
  [/^FLOAT$/, "float", 17],
  [/^DOUBLE$/, "double", 17],
  [/^DATE$/, "date", 0],
  [/^TIMESTAMP WITH TIME ZONE$/, "timestamp with time zone", 3],
  [/^TIMESTAMP/, "timestamp", 3],
  [/^TIME\b/, "time", 3],
  [/^INTERVAL$/, "interval day to second", 0],
  [/^BLOB$/, "varbinary", 1_073_741_824],
];

const MAX_VARCHAR_LENGTH = 2_147_483_647;

/** Describes a result's column of this name and DuckDB type. */
export function columnInfo(name: string, duckDb: string): ColumnInfo {
  const [, width, scale] = /^DECIMAL\((\d+),\s*(\d+)\)$/.exec(duckDb) ?? [];
  const [, type, precision] =
    width !== undefined
      ? (["", "decimal", Number(width)] as const)
      : (RESULT_TYPES.find(([pattern]) => pattern.test(duckDb)) ??
        (["", "varchar", MAX_VARCHAR_LENGTH] as const));
  return {
    CatalogName: "hive",
    SchemaName: "",
    TableName: "",
    Name: name,
    Label: name,
    Type: type,
    Precision: precision,
    Scale: type === "decimal" ? Number(scale) : 0,
    Nullable: "UNKNOWN",
    CaseSensitive: type === "varchar",
  };
}
