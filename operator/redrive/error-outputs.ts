import { createHash } from "node:crypto";
import type { FirehoseClient } from "@aws-sdk/client-firehose";
import { putRecords } from "../delivery-stream.ts";
import type { TextObjects } from "../objects.ts";
import { failureId, readErrorLine, type ErrorRecord } from "./read-failures.ts";
import type { RawBackup } from "./raw-backup.ts";
import { FAILED_AGAIN, type Redrive, type RedriveOptions, type Tally } from "./report.ts";

/** Error objects that were put back lie below it, under their key. */
export const REDRIVEN_PREFIX = "errors/redriven/";
/** The latest redriven objects, by which it is told what fails again. */
const MAX_REMEMBERED_OBJECTS = 1000;

/** The error output of one delivery stream, `errors/<table>/`. */
export interface ErrorOutput {
  readonly objects: TextObjects;
  readonly table: string;
  readonly deliveryStreamName: string;
  readonly backup: RawBackup;
  readonly firehose: FirehoseClient;
}

/** A line of an error object, and what is to be put back for it, or why nothing is. */
type Judged =
  | { readonly line: string; readonly record: ErrorRecord; readonly send: readonly Buffer[] }
  | { readonly line: string; readonly reason: string };

/**
 * Puts the records of an error output back. What was taken is kept under errors/redriven/ before its object is deleted,
 * or written anew with what is left.
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

/** What was put back before, and from which objects. */
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

/** The key under which the lines of an error object are kept; the same for the same lines. */
const redrivenKey = (key: string, text: string): string =>
  `${REDRIVEN_PREFIX}${key.slice("errors/".length)}.${createHash("sha256").update(text).digest("hex").slice(0, 12)}`;

const originOf = (redriven: string): string =>
  `errors/${redriven.slice(REDRIVEN_PREFIX.length).replace(/\.[0-9a-f]{12}$/, "")}`;

async function judge(
  { backup }: ErrorOutput,
  key: string,
  lines: readonly string[],
  before: ReadonlyMap<string, ReadonlySet<string>>,
  { signal, dryRun }: RedriveOptions,
): Promise<Judged[]> {
  const read = lines.map((line) => ({ line, read: readErrorLine(line) }));
  const isAgain = (record: ErrorRecord): boolean =>
    // The object's own copy was written by a run that was interrupted before it deleted the object.
    [...(before.get(failureId(record)) ?? [])].some((origin) => origin !== key);
  const wanted = new Map<string, number>();
  for (const { read: one } of read)
    if (one.ok && !isAgain(one.value))
      for (const id of one.value.eventIds) wanted.set(id, one.value.arrivedAtMs);
  const originals = dryRun ? undefined : await backup.find(wanted, signal);
  return read.map(({ line, read: one }): Judged => {
    if (!one.ok) return { line, reason: one.reason };
    const record = one.value;
    if (isAgain(record)) return { line, reason: FAILED_AGAIN };
    if (record.eventIds.length === 0) return { line, record, send: [record.data] };
    const missing = originals && record.eventIds.find((id) => !originals.has(id));
    if (missing !== undefined)
      return { line, reason: `its notification, event ${missing}, is not in raw/ any more` };
    return { line, record, send: record.eventIds.map((id) => Buffer.from(originals?.get(id) ?? "")) };
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
  const { objects, deliveryStreamName, firehose } = output;
  leaveAll(tally, key, judged);
  const due = judged.flatMap((one) => ("send" in one ? [one] : []));
  if (due.length === 0) return;
  const sent = due.flatMap(({ line, send }) => send.map((data) => ({ line, data })));
  const refusals = await putRecords(
    deliveryStreamName,
    sent.map(({ data }) => data),
    firehose,
  );
  const refused = new Map<string, string>();
  for (const [index, { line }] of sent.entries())
    if (refusals[index] !== undefined) refused.set(line, refusals[index]);
  for (const reason of refused.values()) tally.leave(key, reason);

  const taken = due.filter(({ line }) => !refused.has(line)).map(({ line }) => line);
  if (taken.length === 0) return;
  const text = `${taken.join("\n")}\n`;
  await objects.write(redrivenKey(key, text), text);
  const takenLines = new Set(taken);
  const left = judged.filter(({ line }) => !takenLines.has(line)).map(({ line }) => line);
  if (left.length === 0) await objects.delete(key);
  else await objects.write(key, `${left.join("\n")}\n`);
  tally.redriven += taken.length;
}
