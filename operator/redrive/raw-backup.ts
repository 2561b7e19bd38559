import { putRecords } from "../delivery-stream.ts";
import type { TextObjects } from "../objects.ts";
import { eventIdOf } from "./read-failures.ts";
import { splitDocuments } from "./json-documents.ts";
import type { FirehoseClient } from "@aws-sdk/client-firehose";
import type { Redrive } from "./report.ts";

const DAY_MS = 86_400_000;
/** How far from a record's arrival the name of its backup object may be: it is buffered, and retried for a day. */
const NEAR_MS = 26 * 3_600_000;

interface BackupObject {
  readonly key: string;
  readonly atMs: number;
}

/** The time in the name of an object that Firehose wrote (documented: Firehose, S3 object names). */
export function objectTimeMs(key: string): number | undefined {
  const [, day, time] =
    /-(\d{4}-\d{2}-\d{2})-(\d{2}-\d{2}-\d{2})-[0-9a-f-]{36}(?:\.[\w.]+)?$/.exec(key) ?? [];
  if (day === undefined || time === undefined) return undefined;
  const atMs = Date.parse(`${day}T${time.replaceAll("-", ":")}Z`);
  return Number.isNaN(atMs) ? undefined : atMs;
}

/** The backup of one delivery stream: `raw/<what>/dt=<day>/…`, records one after the other. */
export const rawBackup = (objects: TextObjects, prefix: string) => {
  /** The objects named within a time, ordered by it. */
  const between = async (sinceMs: number, untilMs: number): Promise<BackupObject[]> => {
    const found: BackupObject[] = [];
    // The day in the path is that of an object's oldest record, which may be the day before its name's.
    for (let dayMs = Math.floor(sinceMs / DAY_MS) - 1; dayMs <= Math.floor(untilMs / DAY_MS) + 1; dayMs++) {
      const dt = new Date(dayMs * DAY_MS).toISOString().slice(0, 10);
      for (const { key } of await objects.list(`${prefix}dt=${dt}/`)) {
        const atMs = objectTimeMs(key);
        if (atMs !== undefined && atMs >= sinceMs && atMs < untilMs) found.push({ key, atMs });
      }
    }
    return found.toSorted((a, b) => a.atMs - b.atMs);
  };

  return {
    between,
    read: async (key: string) => splitDocuments(await objects.read(key)),

    /**
     * The notifications of these events, as they came.
     * @param arrivedAtMs of each event, by its id
     */
    async find(arrivedAtMs: ReadonlyMap<string, number>, signal: AbortSignal): Promise<Map<string, string>> {
      const found = new Map<string, string>();
      if (arrivedAtMs.size === 0) return found;
      const times = [...arrivedAtMs.values()];
      const [firstMs, lastMs] = [Math.min(...times), Math.max(...times)];
      const near = await between(firstMs - NEAR_MS, lastMs + NEAR_MS);
      const distanceMs = (atMs: number) => Math.max(firstMs - atMs, atMs - lastMs, 0);
      for (const { key } of near.toSorted((a, b) => distanceMs(a.atMs) - distanceMs(b.atMs))) {
        if (found.size === arrivedAtMs.size) break;
        signal.throwIfAborted();
        for (const document of splitDocuments(await objects.read(key)).documents) {
          const id = eventIdOf(document);
          if (id !== undefined && arrivedAtMs.has(id)) found.set(id, document);
        }
      }
      return found;
    },
  };
};

export type RawBackup = ReturnType<typeof rawBackup>;

/** Puts everything back that the backups have of a time. */
export const redriveRaw =
  (
    streams: readonly { backup: RawBackup; deliveryStreamName: string }[],
    { sinceMs, untilMs }: { sinceMs: number; untilMs: number },
    client: FirehoseClient,
  ): Redrive =>
  async (tally, { dryRun, signal, progress }) => {
    for (const { backup, deliveryStreamName } of streams)
      for (const { key } of await backup.between(sinceMs, untilMs)) {
        signal.throwIfAborted();
        const { documents, unreadable } = await backup.read(key);
        tally.waiting += documents.length;
        if (unreadable > 0) tally.leave(key, `${unreadable} stretches of it are no JSON objects`);
        if (dryRun) continue;
        const refusals = await putRecords(
          deliveryStreamName,
          documents.map((one) => Buffer.from(one)),
          client,
        );
        for (const refusal of refusals)
          if (refusal === undefined) tally.redriven++;
          else tally.leave(key, refusal);
        progress(tally.redriven, tally.waiting);
      }
  };
