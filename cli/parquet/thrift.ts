/** Types of fields in Thrift's compact protocol (documented: Apache Thrift, thrift-compact-protocol). */
const TYPE = { true: 1, false: 2, i32: 5, i64: 6, binary: 8, list: 9, struct: 12 } as const;

/** A value as Parquet's metadata holds it. */
export type Field =
  | { readonly boolean: boolean }
  | { readonly i32: number }
  | { readonly i64: number }
  | { readonly binary: Uint8Array | string }
  | { readonly list: readonly Field[] }
  | { readonly struct: Struct };

/** Fields by their number; those that are undefined are left out. Numbers ascend. */
export type Struct = Readonly<Record<number, Field | undefined>>;

/** A struct in the compact protocol. */
export function thriftStruct(struct: Struct): Buffer {
  const bytes: number[] = [];
  writeStruct(bytes, struct);
  return Buffer.from(bytes);
}

function writeStruct(bytes: number[], struct: Struct): void {
  let last = 0;
  for (const [key, field] of Object.entries(struct)) {
    if (field === undefined) continue;
    const id = Number(key);
    const type = "boolean" in field ? (field.boolean ? TYPE.true : TYPE.false) : typeOf(field);
    if (id - last > 15) throw new RangeError(`field ${id} follows ${last}; expected at most 15 between`);
    bytes.push(((id - last) << 4) | type);
    if (!("boolean" in field)) writeValue(bytes, field);
    last = id;
  }
  bytes.push(0);
}

function typeOf(field: Field): number {
  if ("i32" in field) return TYPE.i32;
  if ("i64" in field) return TYPE.i64;
  if ("binary" in field) return TYPE.binary;
  if ("list" in field) return TYPE.list;
  return "struct" in field ? TYPE.struct : TYPE.true;
}

function writeValue(bytes: number[], field: Field): void {
  if ("i32" in field) pushVarint(bytes, zigzag(field.i32));
  else if ("i64" in field) pushVarint(bytes, zigzag(field.i64));
  else if ("binary" in field) {
    const value = typeof field.binary === "string" ? Buffer.from(field.binary) : field.binary;
    pushVarint(bytes, value.length);
    bytes.push(...value);
  } else if ("list" in field) {
    const { list } = field;
    const type = list[0] === undefined ? TYPE.struct : typeOf(list[0]);
    if (list.length < 15) bytes.push((list.length << 4) | type);
    else {
      bytes.push(0xf0 | type);
      pushVarint(bytes, list.length);
    }
    for (const each of list) writeValue(bytes, each);
  } else if ("struct" in field) writeStruct(bytes, field.struct);
}

/** Exact for every safe integer. */
const zigzag = (value: number): number => (value < 0 ? -value * 2 - 1 : value * 2);

/** A number of 7 bits a byte, the lowest first, as Thrift and Parquet's levels have it. */
export function pushVarint(bytes: number[], value: number): void {
  let rest = value;
  while (rest >= 128) {
    bytes.push((rest % 128) | 128);
    rest = Math.floor(rest / 128);
  }
  bytes.push(rest);
}
