import * as zlib from "node:zlib";
import { parquetWriteBuffer } from "hyparquet-writer";
import type { Column, Table } from "../../schemas/tables/column.ts";

/** A row of a lake table, as the normaliser returns it. */
export type LakeRow = Readonly<Record<string, unknown>>;

type WriteOptions = Parameters<typeof parquetWriteBuffer>[0];
type SchemaElement = NonNullable<WriteOptions["schema"]>[number];
type ColumnData = WriteOptions["columnData"][number]["data"];

const TEXT = { type: "BYTE_ARRAY", converted_type: "UTF8" } as const;

/** By the column's type. Athena reads Hive's `timestamp` from milliseconds that are not adjusted to UTC. */
const PARQUET_TYPES: Readonly<Record<string, Omit<SchemaElement, "name">>> = {
  string: TEXT,
  timestamp: { type: "INT64", logical_type: { type: "TIMESTAMP", isAdjustedToUTC: false, unit: "MILLIS" } },
  bigint: { type: "INT64" },
  int: { type: "INT32" },
  double: { type: "DOUBLE" },
  boolean: { type: "BOOLEAN" },
};

/**
 * Writes rows as one Parquet file of one row group with statistics. The same rows give the same bytes. Compressed with
 * Zstandard: hyparquet-writer's Snappy is written in JavaScript and takes 1.4 times as long, for 1.7 times the bytes.
 * @throws Error that names a column whose type is not supported, or a timestamp without its milliseconds beside it
 */
export function parquetFile({ name, columns }: Table, rows: readonly LakeRow[]): Buffer {
  const schema = [{ name, num_children: columns.length }, ...columns.flatMap(schemaElements)];
  return Buffer.from(
    parquetWriteBuffer({
      schema,
      columnData: columnData(columns, rows),
      rowGroupSize: rows.length,
      codec: "ZSTD",
      compressors: { ZSTD: compress },
      // Ids share their first 16 bytes, which are all that statistics hold by default.
      statisticsTruncateLength: Infinity,
      createdBy: "doorstep",
    }),
  );
}

function schemaElements({ name, type, nullable, fields }: Column): SchemaElement[] {
  const repetition_type = nullable ? "OPTIONAL" : "REQUIRED";
  if (fields)
    return [
      { name, repetition_type, converted_type: "LIST", num_children: 1 },
      { name: "list", repetition_type: "REPEATED", num_children: 1 },
      { name: "element", repetition_type: "REQUIRED", num_children: fields.length },
      ...fields.flatMap(schemaElements),
    ];
  if (type === "map<string,string>")
    return [
      { name, repetition_type, converted_type: "MAP", num_children: 1 },
      { name: "key_value", repetition_type: "REPEATED", num_children: 2 },
      { name: "key", repetition_type: "REQUIRED", ...TEXT },
      { name: "value", repetition_type: "OPTIONAL", ...TEXT },
    ];
  const element = PARQUET_TYPES[type];
  if (!element) throw new Error(`column ${name}: Parquet files of type ${type} are not supported`);
  return [{ name, repetition_type, ...element }];
}

/** A timestamp's values are those of the column of epoch milliseconds beside it, so that no text is parsed. */
function columnData(columns: readonly Column[], rows: readonly LakeRow[]): WriteOptions["columnData"] {
  const integers = new Map(
    columns.filter(({ type }) => type === "bigint").map(({ name }) => [name, int64Values(name, rows)]),
  );
  return columns.map(({ name, type, fields }) => {
    if (fields) return { name, data: structs(name, fields, rows) };
    const source = type === "timestamp" ? `${name}_ms` : name;
    const data = integers.get(source);
    if (type === "timestamp" && !data)
      throw new Error(`column ${name}: no column ${source} holds its milliseconds`);
    return { name, data: data ?? rows.map((row) => row[name]) };
  });
}

/** The arrays of structs of a column. */
function structs(name: string, fields: readonly Column[], rows: readonly LakeRow[]): ColumnData {
  const integers = fields.filter(({ type }) => type === "bigint").map((field) => field.name);
  const converted = (struct: LakeRow): LakeRow => ({
    ...struct,
    ...Object.fromEntries(integers.map((field) => [field, int64(struct[field])])),
  });
  return rows.map((row) => (row[name] as readonly LakeRow[] | null | undefined)?.map(converted));
}

const int64 = (value: unknown) => (typeof value === "number" ? BigInt(value) : value);

/** The writer takes 64-bit integers as bigints; in a typed array, where none is null, they cost no memory of their own. */
function int64Values(name: string, rows: readonly LakeRow[]): ColumnData {
  const values = rows.map((row) => row[name] as number | null | undefined);
  return values.every((value) => typeof value === "number")
    ? BigInt64Array.from(values, BigInt)
    : values.map(int64);
}

/** @throws Error that names a Node that has no Zstandard */
function compress(bytes: Uint8Array): Uint8Array {
  if (typeof zlib.zstdCompressSync !== "function")
    throw new Error(`Node ${process.version} has no Zstandard; use Node 22.15 or newer`);
  return zlib.zstdCompressSync(bytes, {
    params: { [zlib.constants.ZSTD_c_compressionLevel]: 1 },
    // In one chunk: concatenating many takes nearly as long as compressing them.
    chunkSize: Math.max(bytes.length, zlib.constants.Z_MIN_CHUNK),
  });
}
