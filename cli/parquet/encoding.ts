import { pushVarint } from "./thrift.ts";

/** A column's values in Parquet's bytes, and the least and greatest of them where readers can compare those. */
export interface Encoded {
  readonly bytes: Buffer;
  readonly min?: Uint8Array;
  readonly max?: Uint8Array;
}

const FIRST_NUMBERS = 1024;

/** Numbers that grow in one place: an array of as many objects would cost the garbage collector more than the rest. */
export class Numbers {
  #numbers = new Float64Array(FIRST_NUMBERS);
  count = 0;

  clear(): void {
    this.count = 0;
  }

  add(number: number): void {
    if (this.count === this.#numbers.length) {
      const larger = new Float64Array(this.count * 2);
      larger.set(this.#numbers);
      this.#numbers = larger;
    }
    this.#numbers[this.count++] = number;
  }

  all(): Float64Array {
    return this.#numbers.subarray(0, this.count);
  }
}

/** Repetition or definition levels, each up to a greatest one (documented: Parquet, "RLE / bit-packing hybrid"). */
export class Levels {
  readonly #levels = new Numbers();
  readonly #greatest: number;
  #isUniform = true;

  constructor(greatest: number) {
    this.#greatest = greatest;
  }

  get count(): number {
    return this.#levels.count;
  }

  clear(): void {
    this.#levels.clear();
    this.#isUniform = true;
  }

  add(level: number): void {
    if (level !== this.#greatest) this.#isUniform = false;
    this.#levels.add(level);
  }

  /** After their length: one run where all are the greatest, as of most columns, else bit-packed. */
  bytes(): Buffer {
    const bytes = this.#isUniform
      ? run(this.#greatest, this.count)
      : packed(this.#levels.all(), widthOf(this.#greatest));
    const length = Buffer.alloc(4);
    length.writeUInt32LE(bytes.length);
    return Buffer.concat([length, bytes]);
  }
}

/** The same value so many times. */
function run(value: number, count: number): Buffer {
  const bytes: number[] = [];
  pushVarint(bytes, count * 2);
  bytes.push(value);
  return Buffer.from(bytes);
}

const widthOf = (greatest: number): number => 32 - Math.clz32(greatest);

/** Indexes into a dictionary, after their width in bits. */
export function packedIndexes(indexes: Float64Array, dictionarySize: number): Buffer {
  const width = Math.max(1, widthOf(dictionarySize - 1));
  return Buffer.concat([Buffer.of(width), packed(indexes, width)]);
}

/** Numbers of so many bits as one bit-packed run (documented: Parquet, "RLE / bit-packing hybrid"). */
function packed(numbers: Float64Array, width: number): Buffer {
  const groups = Math.ceil(numbers.length / 8);
  const head: number[] = [];
  pushVarint(head, groups * 2 + 1);
  const bytes = Buffer.alloc(head.length + groups * width);
  bytes.set(head);
  let position = head.length;
  let pending = 0;
  let bits = 0;
  for (let index = 0; index < numbers.length; index++) {
    pending |= numbers[index]! << bits;
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
export function int64(values: Float64Array): Encoded {
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
export function typed(Words: typeof Int32Array | typeof Float64Array, values: Float64Array): Encoded {
  let min = Infinity;
  let max = -Infinity;
  for (const value of values) {
    if (value < min) min = value;
    if (value > max) max = value;
  }
  const bytesOf = (numbers: Float64Array) => Buffer.from(Words.from(numbers).buffer);
  return {
    bytes: bytesOf(values),
    // Of zeros, readers may compare either sign (documented: parquet.thrift, ColumnOrder).
    ...(values.length > 0 && {
      min: bytesOf(Float64Array.of(min === 0 ? -0 : min)),
      max: bytesOf(Float64Array.of(max === 0 ? 0 : max)),
    }),
  };
}

/** Zeros and ones as BOOLEAN. */
export function booleans(values: Float64Array): Encoded {
  const bytes = Buffer.alloc(Math.ceil(values.length / 8));
  for (const [index, value] of values.entries()) if (value === 1) bytes[index >> 3]! |= 1 << (index & 7);
  return { bytes };
}

const FIRST_BYTES = 4096;
/** Most bytes that a text has per UTF-16 code unit. */
const MAX_BYTES_PER_UNIT = 3;

/** Texts as BYTE_ARRAY: each after its length in bytes. */
export class Texts {
  count = 0;
  #bytes = Buffer.allocUnsafe(FIRST_BYTES);
  #end = 0;
  // As texts of one character per byte, which compare as readers do.
  #min: string | undefined;
  #max: string | undefined;

  clear(): void {
    this.count = 0;
    this.#end = 0;
    this.#min = undefined;
    this.#max = undefined;
  }

  add(text: string): void {
    const begin = this.#end + 4;
    this.#reserve(begin + text.length * MAX_BYTES_PER_UNIT);
    const length = this.#bytes.write(text, begin);
    this.#bytes.writeUInt32LE(length, this.#end);
    this.#end = begin + length;
    this.count++;

    const inBytes = length === text.length ? text : this.#bytes.toString("latin1", begin, this.#end);
    if (this.#min === undefined || this.#max === undefined) this.#min = this.#max = inBytes;
    else if (inBytes < this.#min) this.#min = inBytes;
    else if (inBytes > this.#max) this.#max = inBytes;
  }

  #reserve(length: number): void {
    if (length <= this.#bytes.length) return;
    const larger = Buffer.allocUnsafe(Math.max(length, this.#bytes.length * 2));
    this.#bytes.copy(larger, 0, 0, this.#end);
    this.#bytes = larger;
  }

  encoded(): Encoded {
    const bytes = this.#bytes.subarray(0, this.#end);
    if (this.#min === undefined || this.#max === undefined) return { bytes };
    return { bytes, min: Buffer.from(this.#min, "latin1"), max: Buffer.from(this.#max, "latin1") };
  }
}
