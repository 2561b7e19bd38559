import { pushVarint } from "./thrift.ts";

/** A column's values in Parquet's bytes, and the least and greatest of them where readers can compare those. */
export interface Encoded {
  readonly bytes: Buffer;
  readonly min?: Uint8Array;
  readonly max?: Uint8Array;
}

/** Levels or bits as runs of equal values (documented: Parquet, "RLE / bit-packing hybrid"), for widths up to 8. */
export function runsOf(values: ArrayLike<number>): Buffer {
  const bytes: number[] = [];
  for (let start = 0, end = 0; start < values.length; start = end) {
    const value = values[start]!;
    while (end < values.length && values[end] === value) end++;
    pushVarint(bytes, (end - start) * 2);
    bytes.push(value);
  }
  return Buffer.from(bytes);
}

/** Indexes into a dictionary, after their width in bits, as one bit-packed run. */
export function packedIndexes(indexes: ArrayLike<number>, dictionarySize: number): Buffer {
  const width = Math.max(1, 32 - Math.clz32(dictionarySize - 1));
  const groups = Math.ceil(indexes.length / 8);
  const head: number[] = [width];
  pushVarint(head, groups * 2 + 1);
  const bytes = Buffer.alloc(head.length + groups * width);
  bytes.set(head);
  let position = head.length;
  let pending = 0;
  let bits = 0;
  for (let index = 0; index < indexes.length; index++) {
    pending |= indexes[index]! << bits;
    bits += width;
    while (bits >= 8) {
      bytes[position++] = pending & 255;
      pending >>>= 8;
      bits -= 8;
    }
  }
  if (bits > 0) bytes[position] = pending & 255;
  return bytes;
}

const TWO_TO_32 = 2 ** 32;

/** Safe integers as INT64. */
export function int64(values: readonly number[]): Encoded {
  const words = new Uint32Array(values.length * 2);
  let min = Infinity;
  let max = -Infinity;
  for (let index = 0; index < values.length; index++) {
    const value = values[index]!;
    const high = Math.floor(value / TWO_TO_32);
    words[2 * index] = value - high * TWO_TO_32;
    words[2 * index + 1] = high;
    if (value < min) min = value;
    if (value > max) max = value;
  }
  const bounds = (value: number) => Buffer.from(BigInt64Array.of(BigInt(value)).buffer);
  return {
    bytes: Buffer.from(words.buffer),
    ...(values.length > 0 && { min: bounds(min), max: bounds(max) }),
  };
}

/** Numbers as INT32 or DOUBLE. */
export function typed(Words: typeof Int32Array | typeof Float64Array, values: readonly number[]): Encoded {
  let min = Infinity;
  let max = -Infinity;
  for (const value of values) {
    if (value < min) min = value;
    if (value > max) max = value;
  }
  const bytesOf = (numbers: readonly number[]) => Buffer.from(Words.from(numbers).buffer);
  return {
    bytes: bytesOf(values),
    // Of zeros, readers may compare either sign (documented: parquet.thrift, ColumnOrder).
    ...(values.length > 0 && { min: bytesOf([min === 0 ? -0 : min]), max: bytesOf([max === 0 ? 0 : max]) }),
  };
}

export function booleans(values: readonly boolean[]): Encoded {
  const bytes = Buffer.alloc(Math.ceil(values.length / 8));
  for (const [index, value] of values.entries()) if (value) bytes[index >> 3]! |= 1 << (index & 7);
  return { bytes };
}

/** Lengths of texts as four bytes in Latin-1, since one native call for a column beats one for each text by far. */
const LENGTHS = Array.from({ length: 1024 }, (_, length) => lengthPrefix(length));

function lengthPrefix(length: number): string {
  return String.fromCharCode(length & 255, (length >> 8) & 255, (length >> 16) & 255, length >>> 24);
}

/** Texts as BYTE_ARRAY: each after its length in bytes. */
export function texts(values: readonly string[]): Encoded {
  const all = values.join("");
  const isAscii = Buffer.byteLength(all) === all.length;
  const inBytes = isAscii ? values : values.map((value) => Buffer.from(value).toString("latin1"));
  let joined = "";
  let min = inBytes[0];
  let max = min;
  for (const value of inBytes) {
    joined += (LENGTHS[value.length] ?? lengthPrefix(value.length)) + value;
    if (value < min!) min = value;
    else if (value > max!) max = value;
  }
  return {
    bytes: Buffer.from(joined, "latin1"),
    ...(min !== undefined && { min: Buffer.from(min, "latin1"), max: Buffer.from(max!, "latin1") }),
  };
}
