import * as zlib from "node:zlib";
import type { Column, Table } from "../../schemas/tables/column.ts";
import type { Columns } from "./columns.ts";
import { booleans, int64, packedIndexes, runsOf, texts, typed, type Encoded } from "./encoding.ts";
import { thriftStruct, type Field, type Struct } from "./thrift.ts";

/** Numbers of parquet.thrift (documented: apache/parquet-format). */
const PHYSICAL = { BOOLEAN: 0, INT32: 1, INT64: 2, DOUBLE: 5, BYTE_ARRAY: 6 } as const;
const ENCODING = { PLAIN: 0, RLE: 3, RLE_DICTIONARY: 8 } as const;
const CODEC = { UNCOMPRESSED: 0, ZSTD: 6 } as const;
const REPETITION = { REQUIRED: 0, OPTIONAL: 1, REPEATED: 2 } as const;
const CONVERTED = { UTF8: 0, MAP: 1 } as const;
const LOGICAL = {
  text: { struct: { 1: { struct: {} } } },
  map: { struct: { 2: { struct: {} } } },
  /** Microseconds, not adjusted to UTC: what Hive's `timestamp` is read from. */
  timestamp: { struct: { 8: { struct: { 1: { boolean: false }, 2: { struct: { 2: { struct: {} } } } } } } },
} as const satisfies Record<string, Field>;

const MAGIC = Buffer.from("PAR1");
/** Below that, compression saves less than it costs. */
const MIN_COMPRESSED_BYTES = 256;
/** A text column has a dictionary while no more than half of so many first values differ. */
const SAMPLE = 512;
const MAX_DICTIONARY = 32_768;

const i32 = (value: number): Field => ({ i32: value });
const i64 = (value: number): Field => ({ i64: value });

/** One column of a row group: its levels and its values that are not null. */
interface Leaf {
  readonly path: readonly string[];
  readonly type: number;
  readonly count: number;
  readonly nulls: number;
  /** Repetition and definition levels, each after its length. */
  readonly levels: readonly Buffer[];
  readonly values: Encoded;
  readonly dictionary?: { readonly values: Encoded; readonly size: number };
}

/**
 * Writes rows as one Parquet file of one row group with exactly the table's columns, all optional as Hive has them,
 * compressed with Zstandard, with statistics. The same rows give the same bytes. Ours because hyparquet-writer takes
 * more than twice the time for them (measured by bench/parquet.bench.ts).
 * @throws Error that names a column whose type isn't written, or a Node that has no Zstandard
 */
export function writeParquet(rows: Columns): Buffer {
  const { table } = rows;
  const chunks: Buffer[] = [MAGIC];
  let position = MAGIC.length;
  const append = (bytes: Buffer) => {
    chunks.push(bytes);
    position += bytes.length;
  };
  const columns: Field[] = [];
  let totalBytes = 0;
  for (const leaf of table.columns.flatMap((column) => leavesOf(column, rows.valuesOf(column)))) {
    const begin = position;
    let rawBytes = 0;
    const codec = leaf.values.bytes.length < MIN_COMPRESSED_BYTES ? CODEC.UNCOMPRESSED : CODEC.ZSTD;
    const page = (head: Struct, type: number, body: Buffer) => {
      const packed = codec === CODEC.ZSTD ? compress(body) : body;
      const header = thriftStruct({ 1: i32(type), 2: i32(body.length), 3: i32(packed.length), ...head });
      append(header);
      append(packed);
      rawBytes += header.length + body.length;
    };
    const { dictionary } = leaf;
    if (dictionary)
      page(
        { 7: { struct: { 1: i32(dictionary.size), 2: i32(ENCODING.PLAIN) } } },
        2,
        dictionary.values.bytes,
      );
    const dataAt = position;
    const encoding = dictionary ? ENCODING.RLE_DICTIONARY : ENCODING.PLAIN;
    page(
      {
        5: {
          struct: { 1: i32(leaf.count), 2: i32(encoding), 3: i32(ENCODING.RLE), 4: i32(ENCODING.RLE) },
        },
      },
      0,
      Buffer.concat([...leaf.levels, leaf.values.bytes]),
    );
    totalBytes += rawBytes;
    const { min, max } = dictionary?.values ?? leaf.values;
    columns.push({
      struct: {
        2: i64(begin),
        3: {
          struct: {
            1: i32(leaf.type),
            2: { list: [...new Set([ENCODING.PLAIN, ENCODING.RLE, encoding])].map(i32) },
            3: { list: leaf.path.map((binary) => ({ binary })) },
            4: i32(codec),
            5: i64(leaf.count),
            6: i64(rawBytes),
            7: i64(position - begin),
            9: i64(dataAt),
            11: dictionary && i64(begin),
            12: {
              struct: { 3: i64(leaf.nulls), 5: max && { binary: max }, 6: min && { binary: min } },
            },
          },
        },
      },
    });
  }
  const footer = thriftStruct({
    1: i32(1),
    2: { list: schemaOf(table) },
    3: i64(rows.count),
    4: { list: [{ struct: { 1: { list: columns }, 2: i64(totalBytes), 3: i64(rows.count) } }] },
    6: { binary: "doorstep" },
    // That minima and maxima are to be compared as their types are.
    7: { list: columns.map(() => ({ struct: { 1: { struct: {} } } })) },
  });
  append(footer);
  const length = Buffer.alloc(4);
  length.writeUInt32LE(footer.length);
  append(length);
  append(MAGIC);
  return Buffer.concat(chunks);
}

function compress(body: Buffer): Buffer {
  if (typeof zlib.zstdCompressSync !== "function")
    throw new Error(`Node ${process.version} has no Zstandard; use Node 22.15 or newer`);
  return zlib.zstdCompressSync(body, { params: { [zlib.constants.ZSTD_c_compressionLevel]: 1 } });
}

function schemaOf({ name, columns }: Table): Field[] {
  const element = (fields: Struct): Field => ({ struct: fields });
  const text = (named: string, repetition: number) =>
    element({
      1: i32(PHYSICAL.BYTE_ARRAY),
      3: i32(repetition),
      4: { binary: named },
      6: i32(CONVERTED.UTF8),
      10: LOGICAL.text,
    });
  const primitive = (column: string, type: number, logical?: Field) =>
    element({ 1: i32(type), 3: i32(REPETITION.OPTIONAL), 4: { binary: column }, 10: logical });
  const elements = columns.flatMap(({ name: column, type }: Column): Field[] => {
    switch (type) {
      case "string":
        return [text(column, REPETITION.OPTIONAL)];
      case "timestamp":
        return [primitive(column, PHYSICAL.INT64, LOGICAL.timestamp)];
      case "map<string,string>":
        return [
          element({
            3: i32(REPETITION.OPTIONAL),
            4: { binary: column },
            5: i32(1),
            6: i32(CONVERTED.MAP),
            10: LOGICAL.map,
          }),
          element({ 3: i32(REPETITION.REPEATED), 4: { binary: "key_value" }, 5: i32(2) }),
          text("key", REPETITION.REQUIRED),
          text("value", REPETITION.OPTIONAL),
        ];
      default:
        return [primitive(column, physicalOf(column, type))];
    }
  });
  return [element({ 4: { binary: name }, 5: i32(columns.length) }), ...elements];
}

function physicalOf(column: string, type: string): number {
  switch (type) {
    case "bigint":
    case "timestamp":
      return PHYSICAL.INT64;
    case "int":
      return PHYSICAL.INT32;
    case "double":
      return PHYSICAL.DOUBLE;
    case "boolean":
      return PHYSICAL.BOOLEAN;
    default:
      throw new Error(`column ${column}: the type ${type} can't be written as Parquet`);
  }
}

function leavesOf({ name, type }: Column, all: readonly unknown[]): Leaf[] {
  if (type === "map<string,string>")
    return mapLeaves(name, all as readonly (Record<string, string> | null | undefined)[]);
  const levels = new Uint8Array(all.length);
  const values: unknown[] = [];
  for (let index = 0; index < all.length; index++) {
    const value = all[index];
    if (value === null || value === undefined) continue;
    levels[index] = 1;
    values.push(value);
  }
  const leaf = {
    path: [name],
    count: all.length,
    nulls: all.length - values.length,
    levels: [measured(runsOf(levels))],
  };
  if (type === "string") return [{ ...leaf, type: PHYSICAL.BYTE_ARRAY, ...textValues(values as string[]) }];
  return [{ ...leaf, type: physicalOf(name, type), values: encode(type, values) }];
}

function encode(type: string, values: readonly unknown[]): Encoded {
  switch (type) {
    case "timestamp":
      return int64((values as number[]).map((epochMs) => epochMs * 1000));
    case "bigint":
      return int64(values as number[]);
    case "int":
      return typed(Int32Array, values as number[]);
    case "double":
      return typed(Float64Array, values as number[]);
    default:
      return booleans(values as boolean[]);
  }
}

/** Texts, by way of a dictionary where they repeat. */
function textValues(values: readonly string[]): Pick<Leaf, "values" | "dictionary"> {
  const sample = values.slice(0, SAMPLE);
  if (new Set(sample).size * 2 > sample.length) return { values: texts(values) };
  const known = new Map<string, number>();
  const indexes = new Uint32Array(values.length);
  for (let index = 0; index < values.length; index++) {
    const value = values[index]!;
    let place = known.get(value);
    if (place === undefined) {
      place = known.size;
      if (place === MAX_DICTIONARY) return { values: texts(values) };
      known.set(value, place);
    }
    indexes[index] = place;
  }
  return {
    values: { bytes: packedIndexes(indexes, known.size) },
    dictionary: { values: texts([...known.keys()]), size: known.size },
  };
}

/** Keys and values of maps (documented: parquet-format, LogicalTypes, Maps): levels tell null, empty and each entry. */
function mapLeaves(name: string, maps: readonly (Record<string, string> | null | undefined)[]): Leaf[] {
  const repetition: number[] = [];
  const definition: number[] = [];
  const keys: string[] = [];
  const values: string[] = [];
  for (const map of maps) {
    const entries = map ? Object.entries(map) : [];
    if (entries.length === 0) {
      repetition.push(0);
      definition.push(map ? 1 : 0);
    }
    for (const [index, [key, value]] of entries.entries()) {
      repetition.push(index === 0 ? 0 : 1);
      definition.push(2);
      keys.push(key);
      values.push(value);
    }
  }
  const leaf = {
    type: PHYSICAL.BYTE_ARRAY,
    count: definition.length,
    nulls: definition.length - keys.length,
  };
  const levelsOf = (deepest: number) => [
    measured(runsOf(repetition)),
    measured(runsOf(definition.map((level) => (level === 2 ? deepest : level)))),
  ];
  return [
    { ...leaf, path: [name, "key_value", "key"], levels: levelsOf(2), ...textValues(keys) },
    { ...leaf, path: [name, "key_value", "value"], levels: levelsOf(3), ...textValues(values) },
  ];
}

function measured(bytes: Buffer): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32LE(bytes.length);
  return Buffer.concat([length, bytes]);
}
