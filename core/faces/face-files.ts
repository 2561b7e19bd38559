import type { AsyncBuffer } from "hyparquet";
import { forEachConcurrently } from "../../base/concurrency.ts";
import { errorMessage } from "../../base/errors.ts";
import {
  checkRewritten,
  countFaces,
  rewriteFaces,
  rewrittenKey,
  type FaceCounts,
  type FaceRule,
} from "../lake/rewrite-faces.ts";
import { removeErrorLines, rewrittenErrorKey } from "../lake/rewrite-errors.ts";

/** One version of an object that has bytes: not a delete marker. */
export interface ObjectVersion {
  readonly key: string;
  readonly versionId: string;
  /** Whether it is what a reader of the key gets. */
  readonly isLatest: boolean;
  readonly sizeBytes: number;
}

/** The objects of the lake's bucket, with all their versions. */
export interface FaceFiles {
  /**
   * Pages of versions, ordered by key. All versions of a key are in one page.
   * @param after a key that the first one comes after
   */
  versions(prefix: string, after?: string): AsyncIterable<readonly ObjectVersion[]>;
  /** The bytes of a version, read as they are needed. */
  open(version: ObjectVersion): Promise<AsyncBuffer>;
  readVersion(version: ObjectVersion): Promise<Uint8Array>;
  /** The latest bytes of a key. */
  read(key: string): Promise<Uint8Array>;
  write(key: string, bytes: Uint8Array): Promise<void>;
  /** Deletes versions for good, in this order. Those that are gone are fine. @throws Error that names one that is left */
  remove(versions: readonly ObjectVersion[]): Promise<void>;
}

/** Prefix of the table's files. */
export const FACE_RECORDS_PREFIX = "face_records/";

/** What Firehose could not deliver, and what `doorstep redrive` keeps of what it put back. */
export const ERROR_PREFIXES = ["errors/face_records/", "errors/redriven/face_records/"] as const;

/** Files that are read at the same time. */
const MAX_FILES = 8;
/** A walk ends after the page with so many files that failed: all of them do. */
const MAX_FAILURES = 50;
/** Attempts to rewrite a file while persons are being forgotten. */
const MAX_ATTEMPTS = 5;

/** A walk over files. */
export interface Walk {
  /** Begins after this key. */
  readonly after?: string | undefined;
  /** Ends before this key. */
  readonly before?: string | undefined;
  readonly signal?: AbortSignal | undefined;
  /** All files up to this key are done. */
  readonly onDone?: ((key: string, files: number) => Promise<void>) | undefined;
}

/**
 * Rewrites every file in which the rule has something to change. Each file is written again under a new key, read back, and
 * only then are all versions of the old one deleted. Whoever reads the table meanwhile finds rows twice at most, which the
 * views hide; a run that was interrupted is made again from the begin.
 *
 * Two runs at the same time are safe: each applies what is forgotten at all, and looks again before it deletes the old file.
 * A person who is forgotten after that look is forgotten before the run for them begins, which finds the new file.
 * @param currentRule the rule as it is now
 */
export async function rewriteFaceFiles(
  files: FaceFiles,
  currentRule: () => Promise<FaceRule>,
  { onRewritten, ...walk }: Walk & { readonly onRewritten?: (counts: FaceCounts) => Promise<void> },
): Promise<void> {
  let rule = await currentRule();
  await eachKey(files, FACE_RECORDS_PREFIX, walk, async (versions) => {
    for (let attempt = 1; ; attempt++) {
      const used = rule;
      const change = await changeOf(files, versions, used);
      if (change.remove.length === 0) return;
      if (change.bytes) {
        const key = rewrittenKey(versions[0]!.key, change.bytes);
        await files.write(key, change.bytes);
        await checkRewritten(await files.read(key), change.kept, used);
      }
      rule = await currentRule();
      if (!isWider(rule, used)) {
        await files.remove(change.remove);
        await onRewritten?.(change);
        return;
      }
      if (attempt === MAX_ATTEMPTS)
        throw new Error(`${versions[0]!.key}: persons are forgotten or merged all the time; run it again`);
    }
  });
}

/** Whether a rule changes rows that another leaves. */
const isWider = (rule: FaceRule, used: FaceRule): boolean =>
  [...rule.forgotten].some((id) => !used.forgotten.has(id)) ||
  [...rule.merged].some(([from, to]) => used.merged.get(from) !== to);

interface Change extends FaceCounts {
  readonly bytes: Uint8Array | undefined;
  readonly kept: number;
  /** Versions to delete, the latest one last: until then, readers of the key find what they found. */
  readonly remove: readonly ObjectVersion[];
}

/** What is to do with a key. Of versions that are not the latest nothing is kept: nobody reads them. */
async function changeOf(
  files: FaceFiles,
  versions: readonly ObjectVersion[],
  rule: FaceRule,
): Promise<Change> {
  const latest = versions.find(({ isLatest }) => isLatest);
  const rewritten = latest && (await rewriteFaces(await files.open(latest), rule));
  const others = versions.filter((one) => one !== latest);
  if (rewritten) return { ...rewritten, remove: [...others, latest] };
  const remove: ObjectVersion[] = [];
  for (const version of others) {
    const { removed, renamed } = await countFaces(await files.open(version), rule);
    if (removed.size > 0 || renamed.size > 0) remove.push(version);
  }
  return { bytes: undefined, kept: 0, remove, removed: new Map(), renamed: new Map() };
}

/** Counts the rows that a rule would change, in all versions, and changes nothing. */
export async function countFaceRows(
  files: FaceFiles,
  rule: FaceRule,
  walk: Walk = {},
): Promise<{ rows: ReadonlyMap<string, number>; files: number; versions: number }> {
  const rows = new Map<string, number>();
  let concerned = 0;
  let versionsConcerned = 0;
  await eachKey(files, FACE_RECORDS_PREFIX, walk, async (versions) => {
    let isConcerned = false;
    for (const version of versions) {
      const { removed, renamed } = await countFaces(await files.open(version), rule);
      for (const [id, count] of [...removed, ...renamed]) {
        isConcerned = true;
        if (version.isLatest) rows.set(id, (rows.get(id) ?? 0) + count);
      }
      if (removed.size > 0 || renamed.size > 0) versionsConcerned++;
    }
    if (isConcerned) concerned++;
  });
  return { rows, files: concerned, versions: versionsConcerned };
}

/**
 * Rewrites every object of the error output without the lines that name one of the persons, as files of the table are.
 * @returns how many lines were removed, by person
 */
export async function rewriteErrorFiles(
  files: FaceFiles,
  ids: ReadonlySet<string>,
  signal?: AbortSignal,
): Promise<ReadonlyMap<string, number>> {
  const removed = new Map<string, number>();
  for (const prefix of ERROR_PREFIXES)
    await eachKey(files, prefix, { signal }, async (versions) => {
      const found = await errorLinesOf(files, versions, ids);
      const latest = versions.find(({ isLatest }) => isLatest);
      const ofLatest = latest && found.get(latest);
      if (ofLatest?.bytes) {
        const key = rewrittenErrorKey(latest!.key, ofLatest.bytes);
        await files.write(key, ofLatest.bytes);
        if (!Buffer.from(await files.read(key)).equals(ofLatest.bytes))
          throw new Error(`${key} does not hold what was written; run it again`);
      }
      // What a reader of the key finds is deleted last.
      const due = ofLatest ? versions : versions.filter((one) => found.has(one));
      await files.remove(due.toSorted((a, b) => Number(a.isLatest) - Number(b.isLatest)));
      for (const [id, lines] of ofLatest?.removed ?? []) removed.set(id, (removed.get(id) ?? 0) + lines);
    });
  return removed;
}

/** Counts the lines of the error output that name one of the persons, in all versions. */
export async function countErrorLines(
  files: FaceFiles,
  ids: ReadonlySet<string>,
  signal?: AbortSignal,
): Promise<number> {
  let count = 0;
  for (const prefix of ERROR_PREFIXES)
    await eachKey(files, prefix, { signal }, async (versions) => {
      for (const { removed } of (await errorLinesOf(files, versions, ids)).values())
        for (const lines of removed.values()) count += lines;
    });
  return count;
}

/** The versions with lines to remove. */
async function errorLinesOf(files: FaceFiles, versions: readonly ObjectVersion[], ids: ReadonlySet<string>) {
  const found = new Map<ObjectVersion, NonNullable<ReturnType<typeof removeErrorLines>>>();
  for (const version of versions) {
    const change = removeErrorLines(await files.readVersion(version), ids);
    if (change) found.set(version, change);
  }
  return found;
}

/**
 * Handles all versions of each key, some keys at a time. One that fails keeps none of the others from being handled.
 * @throws the signal's reason; at the end, an Error that names the first one that failed
 */
async function eachKey(
  files: FaceFiles,
  prefix: string,
  { after, before, signal, onDone }: Walk,
  handle: (versions: readonly ObjectVersion[]) => Promise<void>,
): Promise<void> {
  let count = 0;
  const failures: Error[] = [];
  for await (const page of files.versions(prefix, after)) {
    const inside = page.filter(({ key }) => before === undefined || key < before);
    const ofKeys = [...Map.groupBy(inside, ({ key }) => key).values()];
    await forEachConcurrently(ofKeys, { limit: MAX_FILES }, async (versions) => {
      signal?.throwIfAborted();
      try {
        await handle(versions);
      } catch (error) {
        // One that cannot be read keeps no other file from being rewritten.
        failures.push(new Error(`${versions[0]!.key}: ${errorMessage(error)}`, { cause: error }));
      }
    });
    count += ofKeys.length;
    const last = inside.at(-1);
    // Another run begins again with the page of the first one that failed.
    if (last && failures.length === 0) await onDone?.(last.key, count);
    if (inside.length < page.length || failures.length >= MAX_FAILURES) break;
  }
  const [first] = failures;
  if (!first) return;
  throw failures.length === 1
    ? first
    : new AggregateError(failures, `${first.message}; and ${failures.length - 1} other files`, {
        cause: first.cause,
      });
}
