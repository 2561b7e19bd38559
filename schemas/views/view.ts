import type { Column, Table } from "../tables/column.ts";

/** The format of a lake view: Glue's columns, Trino's, and the documentation are generated from it. */
export interface View {
  readonly name: string;
  /** What one row is. */
  readonly description: string;
  readonly columns: readonly ViewColumn[];
  /** Athena SQL (engine v3) that gives exactly `columns`, in their order; tables are named without a database. */
  readonly sql: string;
}

export type ViewColumn = Pick<Column, "name" | "type" | "comment" | "nullable">;

/**
 * Columns of a table including its partitions: the named ones, in that order, or all.
 * @param changes the meaning of columns that mean something else in the view than in the table
 */
export function columnsOf(
  { columns, partitions }: Table,
  names?: readonly string[],
  changes: Readonly<Record<string, Pick<ViewColumn, "comment" | "nullable">>> = {},
): ViewColumn[] {
  const all: readonly ViewColumn[] = [...columns, ...partitions];
  return (names ?? all.map(({ name }) => name)).map((name) => {
    const column = all.find((one) => one.name === name);
    if (!column) throw new Error(`${name} is not a column of the table`);
    const change = changes[name];
    return change ? { name, type: column.type, ...change } : column;
  });
}

const TRINO_TYPES: Readonly<Record<string, string>> = {
  string: "varchar",
  int: "integer",
  timestamp: "timestamp(3)",
};

/** Trino's name of a column's type, e.g. `map(varchar,varchar)`; a timestamp has milliseconds. */
export function trinoType(type: string): string {
  const [, kind, inner] = /^(array|map)<(.+)>$/.exec(type) ?? [];
  if (kind === "array") return `array(${trinoType(inner!)})`;
  if (kind === "map") return `map(varchar,${trinoType(inner!.slice("string,".length))})`;
  return TRINO_TYPES[type] ?? type;
}

/**
 * A view as `AWS::Glue::Table` takes it, in the form that Athena's own CREATE VIEW writes (observed: Trino's
 * HiveViewCodec and GlueToTrinoConverter, and AWS's samples; undocumented by AWS). Each field is needed: Athena fails
 * with HIVE_METASTORE_ERROR for a view without SerdeInfo (observed: hashicorp/terraform-provider-aws#28517), its engine takes
 * a view without the comment `Presto View` for a table and wants an owner, and an empty list of partition keys is
 * documented (CloudFormation, `TableInput.PartitionKeys`). A `Description` would stand in the comment's place.
 * @param database of the tables that the SQL names without one
 */
export function viewInput({ name, columns, sql }: View, database: string) {
  const text = {
    originalSql: sql,
    catalog: "awsdatacatalog",
    schema: database,
    columns: columns.map((column) => ({ name: column.name, type: trinoType(column.type) })),
  };
  return {
    Name: name,
    Owner: "hadoop",
    TableType: "VIRTUAL_VIEW",
    Parameters: { presto_view: "true", comment: "Presto View" },
    PartitionKeys: [],
    StorageDescriptor: {
      Columns: columns.map((column) => ({
        Name: column.name,
        Type: column.type,
        Comment: column.comment,
      })),
      Location: "",
      NumberOfBuckets: 0,
      SerdeInfo: {},
      StoredAsSubDirectories: false,
    },
    ViewOriginalText: `/* Presto View: ${Buffer.from(JSON.stringify(text)).toString("base64")} */`,
    ViewExpandedText: "/* Presto View */",
  };
}
