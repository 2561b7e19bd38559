import * as zlib from "node:zlib";
import type { Column, Table } from "../../schemas/tables/column.ts";
import type { Columns } from "./columns.ts";
import { thriftStruct, type Field, type Struct } from "./thrift.ts";

/** Numbers of parquet.thrift (documented: apache/parquet-format). */
const PHYSICAL: Readonly<Record<string, number>> = {
  boolean: 0,
  int: 1,
  bigint: 2,
  timestamp: 2,
  double: 5,
  string: 6,
};
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

const i32 = (value: number): Field => ({ i32: value });
const i64 = (value: number): Field => ({ i64: value });

/**
 * Writes rows as one Parquet file of one row group with exactly the table's columns, all optional as Hive has them,
 * compressed with Zstandard, with statistics. The same rows give the same bytes. Ours because hyparquet-writer takes
 * more than twice the time for them (measured by bench/parquet.bench.ts).
 * @throws Error that names a Node that has no Zstandard
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
  for (const leaf of rows.leaves()) {
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
            1: i32(PHYSICAL[leaf.type]!),
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
  return zlib.zstdCompressSync(body, {
    params: { [zlib.constants.ZSTD_c_compressionLevel]: 1 },
    // In one piece: putting many together takes nearly as long as compressing them.
    chunkSize: Math.max(body.length, zlib.constants.Z_MIN_CHUNK),
  });
}

function schemaOf({ name, columns }: Table): Field[] {
  const element = (fields: Struct): Field => ({ struct: fields });
  const text = (named: string, repetition: number) =>
    element({
      1: i32(PHYSICAL["string"]!),
      3: i32(repetition),
      4: { binary: named },
      6: i32(CONVERTED.UTF8),
      10: LOGICAL.text,
    });
  const primitive = ({ name: column, type }: Column, logical?: Field) =>
    element({ 1: i32(PHYSICAL[type]!), 3: i32(REPETITION.OPTIONAL), 4: { binary: column }, 10: logical });
  const elements = columns.flatMap((column: Column): Field[] => {
    switch (column.type) {
      case "string":
        return [text(column.name, REPETITION.OPTIONAL)];
      case "timestamp":
        return [primitive(column, LOGICAL.timestamp)];
      case "map<string,string>":
        return [
          element({
            3: i32(REPETITION.OPTIONAL),
            4: { binary: column.name },
            5: i32(1),
            6: i32(CONVERTED.MAP),
            10: LOGICAL.map,
          }),
          element({ 3: i32(REPETITION.REPEATED), 4: { binary: "key_value" }, 5: i32(2) }),
          text("key", REPETITION.REQUIRED),
          text("value", REPETITION.OPTIONAL),
        ];
      default:
        return [primitive(column)];
    }
  });
  return [element({ 4: { binary: name }, 5: i32(columns.length) }), ...elements];
}
