/** A column of a result, as the API returns it. */
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

/** Athena's name and precision for DuckDB's types (observed: results of AWS's clients). */
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
  [/^JSON$/, "json", 0],
];

const MAX_VARCHAR_LENGTH = 2_147_483_647;

/** @param duckDb DuckDB's type of the column */
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
