import { createHash } from "node:crypto";
import {
  parquetMetadataAsync,
  parquetReadObjects,
  type AsyncBuffer,
  type FileMetaData,
  type RowGroup,
} from "hyparquet";
import { parquetWriteBuffer } from "hyparquet-writer";
import { gunzip, unzstd } from "../../base/compression.ts";

/** Which rows of face_records may not stay as they are. */
export interface FaceRule {
  /** Persons whose rows are removed. */
  readonly forgotten: ReadonlySet<string>;
  /** Persons who turned out to be another, by id: their rows become the other's. */
  readonly merged: ReadonlyMap<string, string>;
  /** Whether rows without a person are removed. */
  readonly removeUnknown: boolean;
}

/** A file of face_records after a rule. */
export interface RewrittenFaces {
  /** Undefined if no row is left. */
  readonly bytes: Uint8Array | undefined;
  readonly kept: number;
  /** Rows that were removed, by their person; those of unknown faces are under {@link UNKNOWN}. */
  readonly removed: ReadonlyMap<string, number>;
  /** Rows that became another person's, by the person that they had. */
  readonly renamed: ReadonlyMap<string, number>;
}

/** Stands for the person of a row that has none. */
export const UNKNOWN = "unknown";

const PERSON_COLUMN = "person_id";

type PersonCell = string | null | undefined;
type FaceRow = Record<string, unknown>;

/** What becomes of a row: `remove`, `keep`, or the id that it gets. */
type Fate = "keep" | "remove" | { readonly personId: string };

function fateOf(person: PersonCell, { forgotten, merged, removeUnknown }: FaceRule): Fate {
  if (person === null || person === undefined) return removeUnknown ? "remove" : "keep";
  const owner = ownerOf(person, merged);
  if (forgotten.has(owner)) return "remove";
  return owner === person ? "keep" : { personId: owner };
}

/** The person that an id stands for after all merges. */
export function ownerOf(personId: string, merged: ReadonlyMap<string, string>): string {
  const seen = new Set<string>();
  let owner = personId;
  for (let next = merged.get(owner); next !== undefined && !seen.has(next); next = merged.get(owner)) {
    seen.add(owner);
    owner = next;
  }
  return owner;
}

/** Rows by person that a rule removes or renames; both are empty for a file that may stay. */
export type FaceCounts = Pick<RewrittenFaces, "removed" | "renamed">;

/** Counts what a rule changes in a file, reading no more than its footer and the column of persons. */
export async function countFaces(file: AsyncBuffer, rule: FaceRule): Promise<FaceCounts> {
  const metadata = await parquetMetadataAsync(file);
  const removed = new Map<string, number>();
  const renamed = new Map<string, number>();
  let start = 0;
  for (const group of metadata.row_groups) {
    const end = start + Number(group.num_rows);
    if (mayConcern(group, rule)) {
      const range = { rowStart: start, rowEnd: end };
      const rows = await read(file, metadata, { ...range, columns: [PERSON_COLUMN] });
      for (const row of rows) countOne(row[PERSON_COLUMN] as PersonCell, rule, { removed, renamed });
    }
    start = end;
  }
  return { removed, renamed };
}

function countOne(
  person: PersonCell,
  rule: FaceRule,
  counts: Record<"removed" | "renamed", Map<string, number>>,
): Fate {
  const fate = fateOf(person, rule);
  if (fate !== "keep") {
    const of = fate === "remove" ? counts.removed : counts.renamed;
    of.set(person ?? UNKNOWN, (of.get(person ?? UNKNOWN) ?? 0) + 1);
  }
  return fate;
}

/** Whether a row group can hold such a row, by the statistics of its column of persons. */
function mayConcern(group: RowGroup, { forgotten, merged, removeUnknown }: FaceRule): boolean {
  const column = group.columns.find(({ meta_data }) => meta_data?.path_in_schema.join(".") === PERSON_COLUMN);
  if (!column?.meta_data)
    throw new Error(`the file has no column ${PERSON_COLUMN}; expected a file of face_records`);
  const { statistics } = column.meta_data;
  if (removeUnknown && statistics?.null_count !== 0n) return true;
  const isInside = (id: string) => isBetween(id, statistics?.min_value, statistics?.max_value);
  return [...forgotten].some(isInside) || [...merged.keys()].some(isInside);
}

/** Both ends may be shortened by the writer, so only their own lengths are compared. */
function isBetween(id: string, min: unknown, max: unknown): boolean {
  const isBelow = typeof min === "string" && id < min;
  const isAbove = typeof max === "string" && id.slice(0, max.length) > max;
  return !isBelow && !isAbove;
}

/**
 * Writes a file again without the rows that a rule removes, with its own columns and types, as Firehose writes it: one that
 * the same readers read (Snappy, timestamps of milliseconds). The same file and rule give the same bytes.
 * @returns undefined if the rule changes nothing
 * @throws Error that names a column that is not flat
 */
export async function rewriteFaces(file: AsyncBuffer, rule: FaceRule): Promise<RewrittenFaces | undefined> {
  const { removed: due, renamed: others } = await countFaces(file, rule);
  if (due.size === 0 && others.size === 0) return undefined;
  const metadata = await parquetMetadataAsync(file);
  const removed = new Map<string, number>();
  const renamed = new Map<string, number>();
  const rows = (await read(file, metadata)).flatMap((row): FaceRow[] => {
    const fate = countOne(row[PERSON_COLUMN] as PersonCell, rule, { removed, renamed });
    if (fate === "remove") return [];
    return fate === "keep" ? [row] : [{ ...row, [PERSON_COLUMN]: fate.personId }];
  });
  const bytes = rows.length === 0 ? undefined : write(metadata, rows);
  return { bytes, kept: rows.length, removed, renamed };
}

/** @throws Error when a written file does not hold exactly the rows that were kept */
export async function checkRewritten(written: Uint8Array, kept: number, rule: FaceRule): Promise<void> {
  const file = bufferOf(written);
  const { num_rows } = await parquetMetadataAsync(file);
  const { removed, renamed } = await countFaces(file, rule);
  if (Number(num_rows) !== kept || removed.size > 0 || renamed.size > 0)
    throw new Error(`the rewritten file has ${num_rows} rows; expected ${kept}, none of them to remove`);
}

/** The bytes as hyparquet reads them. */
export const bufferOf = (bytes: Uint8Array): AsyncBuffer => {
  const { buffer } = Uint8Array.from(bytes);
  return { byteLength: buffer.byteLength, slice: (start, end) => buffer.slice(start, end) };
};

/** Times stay the integers that they are. */
const INTEGERS = {
  timestampFromMilliseconds: (value: bigint) => value,
  timestampFromMicroseconds: (value: bigint) => value,
  // INT96, which is not written again: to milliseconds.
  timestampFromNanoseconds: (value: bigint) => value / 1_000_000n,
};

const read = (
  file: AsyncBuffer,
  metadata: FileMetaData,
  options: { readonly rowStart?: number; readonly rowEnd?: number; readonly columns?: string[] } = {},
): Promise<FaceRow[]> =>
  parquetReadObjects({
    file,
    metadata,
    ...options,
    parsers: INTEGERS,
    compressors: {
      GZIP: gunzip,
      // What doorstep generate writes.
      ZSTD: unzstd,
    },
  });

function write(metadata: FileMetaData, rows: readonly FaceRow[]): Uint8Array {
  const [root, ...columns] = metadata.schema;
  const nested = columns.find(({ num_children }) => num_children);
  if (nested) throw new Error(`column ${nested.name} is nested; expected columns of plain values`);
  const schema = columns.map(({ type, ...element }) => ({
    ...element,
    ...(type === "INT96" ? MILLISECONDS : { type: type! }),
  }));
  return new Uint8Array(
    parquetWriteBuffer({
      schema: [root!, ...schema],
      columnData: schema.map(({ name }) => ({ name, data: rows.map((row) => row[name]) })),
      rowGroupSize: rows.length,
      codec: "SNAPPY",
      // Ids share their first bytes; the next rewrite finds its rows by whole ones.
      statisticsTruncateLength: Infinity,
      createdBy: "doorstep",
    }),
  );
}

/** Athena reads Hive's `timestamp` from milliseconds that are not adjusted to UTC, and the writer has no INT96. */
const MILLISECONDS = {
  type: "INT64",
  logical_type: { type: "TIMESTAMP", isAdjustedToUTC: false, unit: "MILLIS" },
} as const;

/** Where a rewritten file goes: beside the old one, under a name that its content decides, so that a repetition replaces it. */
export function rewrittenKey(key: string, bytes: Uint8Array): string {
  const digest = createHash("sha256").update(key).update("\0").update(bytes).digest("hex");
  return `${key.slice(0, key.lastIndexOf("/") + 1)}rewritten-${digest.slice(0, 32)}.parquet`;
}
