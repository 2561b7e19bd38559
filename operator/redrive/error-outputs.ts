import { createHash } from "node:crypto";
import type { Clock } from "../../base/clock.ts";
import type { LakeTable } from "../../schemas/tables/lake-tables.ts";
import type { TextObjects } from "../objects.ts";
import type { NotificationReader } from "./quarantined.ts";
import { failureId, isUnread, readErrorLine, type ErrorRecord } from "./read-failures.ts";
import type { RawBackup } from "./raw-backup.ts";
import { FAILED_AGAIN, type Redrive, type RedriveOptions, type Tally } from "./tally.ts";

/** Error objects that were put back are kept under this prefix and their key. */
export const REDRIVEN_PREFIX = "errors/redriven/";
/** How many of the latest redriven objects are read to find what failed again. */
const MAX_REMEMBERED_OBJECTS = 1000;

/** The error output of one delivery stream, `errors/<table>/`. */
interface ErrorOutput {
  readonly objects: TextObjects;
  readonly table: LakeTable;
  /** Finds the records whose rows could not be converted, by the ids of the rows. */
  readonly originals: Originals;
  readonly read: NotificationReader;
  /** Where records go, by the table that they belong to; returns for each why it was refused, or undefined. */
  readonly deliver: Readonly<Record<LakeTable, DeliverRecords>>;
  readonly clock: Clock;
}

type Originals = (
  failed: readonly ErrorRecord[],
  signal: AbortSignal,
) => Map<string, string> | Promise<Map<string, string>>;

export type DeliverRecords = (records: readonly Buffer[]) => Promise<(string | undefined)[]>;

/** The records of rows that could not be converted, from the raw backup. */
export const originalsIn =
  (backup: RawBackup): Originals =>
  (failed, signal) =>
    backup.find(
      new Map(failed.flatMap(({ recordIds, arrivedAtMs }) => recordIds.map((id) => [id, arrivedAtMs]))),
      signal,
    );

/** A line of an error object, with the records to put back for it, or the reason why there are none. */
type Judged =
  | {
      readonly line: string;
      readonly record: ErrorRecord;
      readonly table: LakeTable;
      readonly send: readonly Buffer[];
    }
  | { readonly line: string; readonly reason: string };

/**
 * Puts back the records of an error output. Accepted records are copied to errors/redriven/ before their object is
 * deleted, or replaced by one with the records that are left.
 */
export const redriveErrors =
  (output: ErrorOutput): Redrive =>
  async (tally, options) => {
    const { objects, table } = output;
    const listed = await objects.list(`errors/${table}/`);
    const before =
      options.again || listed.length === 0 ? new Map<string, Set<string>>() : await failedBefore(output);
    for (const { key } of listed) {
      options.signal.throwIfAborted();
      const lines = (await objects.read(key)).split("\n").filter((line) => line.trim() !== "");
      tally.waiting += lines.length;
      const judged = await judge(output, key, lines, before, options);
      if (options.dryRun) leaveAll(tally, key, judged);
      else await putBack(output, key, judged, tally);
      options.progress(tally.redriven, tally.waiting);
    }
  };

/** The ids of the failures that were put back before, each with the objects that they came from. */
async function failedBefore({ objects, table }: ErrorOutput): Promise<Map<string, Set<string>>> {
  const before = new Map<string, Set<string>>();
  const redriven = await objects.list(`${REDRIVEN_PREFIX}${table}/`);
  const latest = redriven
    .toSorted((a, b) => b.modifiedAtMs - a.modifiedAtMs)
    .slice(0, MAX_REMEMBERED_OBJECTS);
  for (const { key } of latest)
    for (const line of (await objects.read(key)).split("\n")) {
      const read = readErrorLine(line);
      if (!read.ok) continue;
      const id = failureId(read.value);
      before.set(id, (before.get(id) ?? new Set()).add(originOf(key)));
    }
  return before;
}

/** The key for the copy of an error object's lines; the same lines get the same key. */
const redrivenKey = (key: string, text: string): string =>
  `${REDRIVEN_PREFIX}${key.slice("errors/".length)}.${createHash("sha256").update(text).digest("hex").slice(0, 12)}`;

const originOf = (redriven: string): string =>
  `errors/${redriven.slice(REDRIVEN_PREFIX.length).replace(/\.[0-9a-f]{12}$/, "")}`;

async function judge(
  { originals: find, table, read: readRecord, clock }: ErrorOutput,
  key: string,
  lines: readonly string[],
  before: ReadonlyMap<string, ReadonlySet<string>>,
  { signal, dryRun }: RedriveOptions,
): Promise<Judged[]> {
  const read = lines.map((line) => ({ line, read: readErrorLine(line) }));
  const isAgain = (record: ErrorRecord): boolean =>
    // A copy of this same object is from a run that was interrupted before it deleted the object.
    [...(before.get(failureId(record)) ?? [])].some((origin) => origin !== key);
  const readNow = (record: ErrorRecord) =>
    isUnread(record) ? readRecord(record.data, table, clock.now()) : undefined;
  const converted = read.flatMap(({ read: one }) =>
    one.ok && one.value.recordIds.length > 0 && !isAgain(one.value) ? [one.value] : [],
  );
  const originals = dryRun ? undefined : await find(converted, signal);
  return read.map(({ line, read: one }): Judged => {
    if (!one.ok) return { line, reason: one.reason };
    const record = one.value;
    const now = readNow(record);
    // What the transform could not read comes back by itself once there is a reader for it.
    if (isAgain(record) && !now?.ok)
      return { line, reason: now === undefined ? FAILED_AGAIN : `${FAILED_AGAIN} (${now.reason})` };
    if (record.recordIds.length === 0)
      return { line, record, table: now?.ok ? now.table : table, send: [record.data] };
    const missing = originals && record.recordIds.find((id) => !originals.has(id));
    if (missing !== undefined) return { line, reason: `its record, ${missing}, is no longer in raw/` };
    return { line, record, table, send: record.recordIds.map((id) => Buffer.from(originals?.get(id) ?? "")) };
  });
}

function leaveAll(tally: Tally, key: string, judged: readonly Judged[]): void {
  for (const one of judged) if ("reason" in one) tally.leave(key, one.reason);
}

async function putBack(
  output: ErrorOutput,
  key: string,
  judged: readonly Judged[],
  tally: Tally,
): Promise<void> {
  const { objects, deliver } = output;
  leaveAll(tally, key, judged);
  const due = judged.flatMap((one) => ("send" in one ? [one] : []));
  if (due.length === 0) return;
  const refused = new Map<string, string>();
  for (const [table, judgedOfTable] of Map.groupBy(due, (one) => one.table)) {
    const sent = judgedOfTable.flatMap(({ line, send }) => send.map((data) => ({ line, data })));
    const refusals = await deliver[table](sent.map(({ data }) => data));
    for (const [index, { line }] of sent.entries())
      if (refusals[index] !== undefined) refused.set(line, refusals[index]);
  }
  for (const reason of refused.values()) tally.leave(key, reason);

  const accepted = due.filter(({ line }) => !refused.has(line)).map(({ line }) => line);
  if (accepted.length === 0) return;
  const text = `${accepted.join("\n")}\n`;
  await objects.write(redrivenKey(key, text), text);
  const acceptedLines = new Set(accepted);
  const left = judged.filter(({ line }) => !acceptedLines.has(line)).map(({ line }) => line);
  if (left.length === 0) await objects.delete(key);
  else await objects.write(key, `${left.join("\n")}\n`);
  tally.redriven += accepted.length;
}
