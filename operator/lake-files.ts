import { GetObjectCommand, ListObjectsV2Command, type S3Client } from "@aws-sdk/client-s3";
import {
  parquetMetadataAsync,
  parquetReadObjects,
  parquetSchema,
  type AsyncBuffer,
  type Compressors,
} from "hyparquet";
import type { Clock } from "../base/clock.ts";
import { gunzip, unzstd } from "../base/compression.ts";
import { MINUTE_MS } from "../base/durations.ts";
import { isNamed } from "../base/errors.ts";

/** A file of a table of the lake. */
export interface LakeFile {
  readonly key: string;
  /** Changes whenever the file does. */
  readonly etag: string;
  readonly bytes: number;
  readonly modifiedAtMs: number;
  /** `yyyy-MM-dd` and `00` to `23`, as in the file's path. */
  readonly dt: string;
  readonly hour: string;
}

/** A row of a file, with numbers in place of 64-bit integers; a column that the file does not have is absent. */
export type LakeFileRow = Readonly<Record<string, unknown>>;

/** How long a list of days, or of the files of a day, is used. Files of the latest days come and go all the time. */
const LATEST_MS = 1000;
const EARLIER_MS = 5 * MINUTE_MS;
const LATEST_DAYS = 2;
/** Rows that are kept in memory, of the files that were read last. */
const MAX_ROWS = 100_000;
/** Larger files are read by the parts that hold the columns. */
const WHOLE_BYTES = 8_000_000;
const MAX_PAGES = 1000;
const FROM_PAGES = 3;

const COMPRESSORS: Compressors = {
  GZIP: (input) => gunzip(input),
  ZSTD: (input) => unzstd(input),
};

interface Listed<T> {
  readonly untilMs: number;
  readonly value: Promise<T>;
}

/**
 * The Parquet files of the lake's tables, read from S3 directly: for a few hours of rows at once, where a query of Athena
 * takes a second and is billed for 10 MB. Lists are used for a moment and rows of the files read last are kept in memory.
 */
export class LakeFiles {
  readonly #bucket: string;
  readonly #s3: S3Client;
  readonly #clock: Clock;
  readonly #days = new Map<string, Listed<readonly string[]>>();
  readonly #files = new Map<string, Listed<readonly LakeFile[]>>();
  readonly #rows = new Map<string, { readonly rows: Promise<readonly LakeFileRow[]>; count: number }>();
  #rowCount = 0;

  constructor(bucket: string, s3: S3Client, clock: Clock) {
    this.#bucket = bucket;
    this.#s3 = s3;
    this.#clock = clock;
  }

  /** The days for which a table has files, `yyyy-MM-dd`, the latest first. */
  days(table: string): Promise<readonly string[]> {
    return this.#listed(this.#days, table, LATEST_MS, async () => {
      const { prefixes } = await this.#list(`${table}/`, { delimiter: "/" });
      return prefixes.flatMap((one) => /\/dt=(\d{4}-\d\d-\d\d)\/$/.exec(one)?.[1] ?? []).toReversed();
    });
  }

  /** A table's files of a day, ascending by hour. */
  async filesOf(table: string, dt: string): Promise<readonly LakeFile[]> {
    const latest = (await this.days(table)).slice(0, LATEST_DAYS);
    const lastsMs = latest.includes(dt) ? LATEST_MS : EARLIER_MS;
    return this.#listed(this.#files, `${table}/dt=${dt}/`, lastsMs, async () => {
      const { files } = await this.#list(`${table}/dt=${dt}/`);
      return files;
    });
  }

  /**
   * A table's files from an hour on, to the end of the lake.
   * @returns the first three thousand; no list is kept
   */
  async filesFrom(table: string, dt: string, hour: string): Promise<readonly LakeFile[]> {
    const { files } = await this.#list(`${table}/`, {
      startAfter: `${table}/dt=${dt}/hour=${hour}/`,
      maxPages: FROM_PAGES,
    });
    return files;
  }

  /**
   * Columns of a file's rows. A file that was deleted since it was listed has none.
   * @param columns always the same ones of a table: rows are kept by file
   * @throws the client's error, or Error that names a file that is no Parquet
   */
  async read(file: LakeFile, columns: readonly string[]): Promise<readonly LakeFileRow[]> {
    const id = `${file.key} ${file.etag}`;
    const known = this.#rows.get(id);
    // The files that were used last are at the end.
    this.#rows.delete(id);
    const entry = known ?? { rows: this.#read(file, columns), count: 0 };
    this.#rows.set(id, entry);
    if (known) return await known.rows;
    try {
      const rows = await entry.rows;
      entry.count = rows.length;
      this.#rowCount += rows.length;
      this.#forgetOldest();
      return rows;
    } catch (error) {
      this.#rows.delete(id);
      throw error;
    }
  }

  async #read(file: LakeFile, columns: readonly string[]): Promise<readonly LakeFileRow[]> {
    try {
      const buffer = file.bytes <= WHOLE_BYTES ? bufferOf(await this.#bytes(file.key)) : this.#remote(file);
      const metadata = await parquetMetadataAsync(buffer);
      const present = new Set(parquetSchema(metadata).children.map(({ element }) => element.name));
      const rows = await parquetReadObjects({
        file: buffer,
        metadata,
        columns: columns.filter((one) => present.has(one)),
        compressors: COMPRESSORS,
      });
      return rows.map((row) => withNumbers(row) as LakeFileRow);
    } catch (error) {
      if (isNamed(error, "NoSuchKey")) return [];
      if (error instanceof Error && "$metadata" in error) throw error;
      throw new Error(`s3://${this.#bucket}/${file.key} cannot be read as Parquet`, { cause: error });
    }
  }

  async #bytes(key: string, range?: string): Promise<Uint8Array> {
    const { Body } = await this.#s3.send(
      new GetObjectCommand({ Bucket: this.#bucket, Key: key, ...(range && { Range: range }) }),
    );
    return await Body!.transformToByteArray();
  }

  #remote({ key, bytes }: LakeFile): AsyncBuffer {
    return {
      byteLength: bytes,
      slice: async (start, end = bytes) => {
        const part = await this.#bytes(key, `bytes=${start < 0 ? bytes + start : start}-${end - 1}`);
        return arrayBufferOf(part);
      },
    };
  }

  async #list(
    prefix: string,
    options: { readonly delimiter?: string; readonly startAfter?: string; readonly maxPages?: number } = {},
  ): Promise<{ prefixes: string[]; files: LakeFile[] }> {
    const found: { prefixes: string[]; files: LakeFile[] } = { prefixes: [], files: [] };
    let token: string | undefined;
    for (let page = 0; page < (options.maxPages ?? MAX_PAGES); page++) {
      const {
        CommonPrefixes = [],
        Contents = [],
        NextContinuationToken,
      } = await this.#s3.send(
        new ListObjectsV2Command({
          Bucket: this.#bucket,
          Prefix: prefix,
          Delimiter: options.delimiter,
          StartAfter: options.startAfter,
          ContinuationToken: token,
        }),
      );
      found.prefixes.push(...CommonPrefixes.flatMap(({ Prefix }) => Prefix ?? []));
      for (const { Key = "", ETag = "", Size = 0, LastModified } of Contents) {
        const [, dt, hour] = /\/dt=(\d{4}-\d\d-\d\d)\/hour=(\d\d)\//.exec(Key) ?? [];
        if (dt !== undefined && hour !== undefined)
          found.files.push({
            key: Key,
            etag: ETag,
            bytes: Size,
            modifiedAtMs: LastModified?.getTime() ?? 0,
            dt,
            hour,
          });
      }
      token = NextContinuationToken;
      if (token === undefined) break;
    }
    return found;
  }

  /** A list that is used for a while; one that fails is not kept. */
  #listed<T>(lists: Map<string, Listed<T>>, id: string, lastsMs: number, list: () => Promise<T>): Promise<T> {
    const nowMs = this.#clock.now();
    const known = lists.get(id);
    if (known && nowMs < known.untilMs) return known.value;
    const value = list();
    lists.set(id, { untilMs: nowMs + lastsMs, value });
    value.catch(() => lists.delete(id));
    return value;
  }

  #forgetOldest(): void {
    for (const [id, { count }] of this.#rows) {
      if (this.#rowCount <= MAX_ROWS) return;
      this.#rows.delete(id);
      this.#rowCount -= count;
    }
  }
}

const arrayBufferOf = (bytes: Uint8Array): ArrayBuffer =>
  bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength) as ArrayBuffer;

function bufferOf(bytes: Uint8Array): AsyncBuffer {
  const buffer = arrayBufferOf(bytes);
  return { byteLength: buffer.byteLength, slice: (start, end) => buffer.slice(start, end) };
}

function withNumbers(value: unknown): unknown {
  if (typeof value === "bigint") return Number(value);
  if (Array.isArray(value)) return value.map(withNumbers);
  if (typeof value !== "object" || value === null || value instanceof Date) return value;
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, withNumbers(one)]));
}
