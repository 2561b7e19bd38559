/**
 * The format of a lake table. Glue columns, row types, projection parameters and documentation are generated from it, so
 * changing a column is one edit in the table's file.
 */

/** Glue (Hive) types in use. In JSON, a `timestamp` is text: `yyyy-MM-ddTHH:mm:ss.SSSZ`, UTC. */
type ColumnType =
  | "string"
  | "bigint"
  | "int"
  | "double"
  | "boolean"
  | "timestamp"
  | `array<${string}>`
  | `map<string,${string}>`;

export interface Column {
  /** Lower snake_case; ends in its unit (`_ms`, `_s`) where a number has one. */
  readonly name: string;
  readonly type: ColumnType;
  /** What the value means, for the catalogue: at most 255 characters (documented: Glue API, Column). */
  readonly comment: string;
  /** Set if a row may have null. */
  readonly nullable?: true;
  /** Of an array of structs: its fields, see {@link arrayOfStructs}. */
  readonly fields?: readonly Column[];
}

export interface Partition {
  readonly name: string;
  readonly type: "string";
  readonly comment: string;
  /** Athena partition projection, without the `projection.<name>.` prefix. */
  readonly projection: Readonly<Record<string, string>>;
}

export interface Table {
  readonly name: string;
  /** What one row is. */
  readonly description: string;
  readonly columns: readonly Column[];
  readonly partitions: readonly Partition[];
}

type Value<Type> = Type extends "string" | "timestamp"
  ? string
  : Type extends "bigint" | "int" | "double"
    ? number
    : Type extends "boolean"
      ? boolean
      : Type extends `array<${infer Element}>`
        ? Value<Element>[]
        : Type extends `map<string,${infer Element}>`
          ? Record<string, Value<Element>>
          : never;

/** The JSON object that columns are written as: every column present, null where nullable. */
type ObjectOf<Columns extends readonly Column[]> = {
  [C in Columns[number] as C["name"]]:
    | (C extends { readonly fields: infer Fields extends readonly Column[] }
        ? ObjectOf<Fields>[]
        : Value<C["type"]>)
    | (C extends { readonly nullable: true } ? null : never);
};

/** The JSON object that one row of a table is written as. */
export type Row<T extends Table> = ObjectOf<T["columns"]>;

/** The type and the fields of a column that has an array of structs, e.g. `array<struct<left:double,top:double>>`. */
export const arrayOfStructs = <Fields extends readonly Column[]>(fields: Fields) => ({
  type: `array<struct<${fields.map(({ name, type }) => `${name}:${type}`).join(",")}>>` as const,
  fields,
});

/**
 * First day of rows that are written, and the earliest first day of the partition projection, which the stack's parameter
 * LakeFirstDay sets.
 */
export const LAKE_BEGINS = "2020-01-01";
/** {@link LAKE_BEGINS} in epoch milliseconds. */
export const LAKE_BEGINS_MS = 1_577_836_800_000;

/**
 * `dt` and `hour` of the event time, both strings as Athena prefers for partition keys. Projection covers
 * LAKE_BEGINS to tomorrow (documented: Athena guide, "Supported types for partition projection").
 */
export const EVENT_HOUR_PARTITIONS = [
  {
    name: "dt",
    type: "string",
    comment: "UTC date of the event, yyyy-MM-dd.",
    projection: {
      type: "date",
      range: `${LAKE_BEGINS},NOW+1DAY`,
      format: "yyyy-MM-dd",
      interval: "1",
      "interval.unit": "DAYS",
    },
  },
  {
    name: "hour",
    type: "string",
    comment: "UTC hour of the event, 00 to 23.",
    projection: { type: "integer", range: "0,23", digits: "2" },
  },
] as const satisfies readonly Partition[];

interface GlueColumn {
  Name: string;
  Type: string;
  Comment: string;
}

const glueColumn = ({ name, type, comment }: Column | Partition): GlueColumn => ({
  Name: name,
  Type: type,
  Comment: comment,
});

/** The table's columns as `StorageDescriptor.Columns` of a Glue table. */
export const glueColumns = (table: Table): GlueColumn[] => table.columns.map(glueColumn);

/** The table's partitions as `PartitionKeys` of a Glue table. */
export const gluePartitionKeys = (table: Table): GlueColumn[] => table.partitions.map(glueColumn);

/** Table parameters of the partition projection, without the location, which only a deployment knows. */
export function projectionRules(table: Table): Record<string, string> {
  const rules: Record<string, string> = { "projection.enabled": "true" };
  for (const { name, projection } of table.partitions) {
    for (const [rule, value] of Object.entries(projection)) rules[`projection.${name}.${rule}`] = value;
  }
  return rules;
}
