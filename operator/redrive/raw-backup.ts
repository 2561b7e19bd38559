import type { FirehoseClient } from "@aws-sdk/client-firehose";
import type { Clock } from "../../base/clock.ts";
import { DAY_MS, HOUR_MS } from "../../base/durations.ts";
import { putRecords } from "../delivery-stream.ts";
import type { TextObjects } from "../objects.ts";
import { recordIdOf } from "./read-failures.ts";
import { splitDocuments } from "./json-documents.ts";
import type { Redrive } from "./tally.ts";

/** How far the time in a backup object's name may be from a record's arrival: Firehose buffers, and retries for a day. */
const NEAR_MS = 26 * HOUR_MS;

interface BackupObject {
  readonly key: string;
  readonly atMs: number;
}

/** The time in the name of an object that Firehose has written (documented: Firehose, S3 object names). */
function objectTimeMs(key: string): number | undefined {
  const [, day, time] =
    /-(\d{4}-\d{2}-\d{2})-(\d{2}-\d{2}-\d{2})-[0-9a-f-]{36}(?:\.[\w.]+)?$/.exec(key) ?? [];
  if (day === undefined || time === undefined) return undefined;
  const atMs = Date.parse(`${day}T${time.replaceAll("-", ":")}Z`);
  return Number.isNaN(atMs) ? undefined : atMs;
}

/** The backup of one delivery stream, `raw/<name>/dt=<day>/…`: objects with one record after the other. */
export const rawBackup = (objects: TextObjects, prefix: string) => {
  /** The objects whose names have a time in the interval, in the order of time. */
  const between = async (sinceMs: number, untilMs: number): Promise<BackupObject[]> => {
    const found: BackupObject[] = [];
    // The day in the path is that of an object's oldest record, which may be the day before the one in its name.
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
     * Finds the records with these ids.
     * @param arrivedAtMs each record's arrival, by its id
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
          const id = recordIdOf(document);
          if (id !== undefined && arrivedAtMs.has(id)) found.set(id, document);
        }
      }
      return found;
    },
  };
};

export type RawBackup = ReturnType<typeof rawBackup>;

/** Puts back every record of the backups in an interval. */
export const redriveRaw =
  (
    streams: readonly { backup: RawBackup; deliveryStreamName: string }[],
    { sinceMs, untilMs }: { sinceMs: number; untilMs: number },
    client: FirehoseClient,
    clock: Clock,
  ): Redrive =>
  async (tally, { dryRun, signal, progress }) => {
    for (const { backup, deliveryStreamName } of streams)
      for (const { key } of await backup.between(sinceMs, untilMs)) {
        signal.throwIfAborted();
        const { documents, unreadable } = await backup.read(key);
        tally.waiting += documents.length;
        if (unreadable > 0) tally.leave(key, `${unreadable} parts of it are not JSON objects`);
        if (dryRun) continue;
        const refusals = await putRecords(
          deliveryStreamName,
          documents.map((one) => Buffer.from(one)),
          client,
          clock,
        );
        for (const refusal of refusals)
          if (refusal === undefined) tally.redriven++;
          else tally.leave(key, refusal);
        progress(tally.redriven, tally.waiting);
      }
  };
