import { DeleteObjectCommand, paginateListObjectsV2, type S3Client } from "@aws-sdk/client-s3";
import { HOUR_MS } from "../../base/durations.ts";
import { systemRandom } from "../../base/random.ts";
import { LAKE_TABLE_NAMES } from "../../schemas/tables/lake-tables.ts";

const HOURS = 24;

/** An hour of the lake's first day, before any camera: all new objects in its partitions are the proof's. */
export interface QuietHour {
  readonly dt: string;
  /** Two digits. */
  readonly hour: string;
  /** When the proof's video begins, epoch milliseconds: in the hour's first half, and not a whole second. */
  readonly startMs: number;
}

/** @param firstDay the lake's, `yyyy-MM-dd` */
export function quietHour(firstDay: string): QuietHour {
  const hour = Math.floor(systemRandom() * HOURS);
  const second = 1 + Math.floor(systemRandom() * (HOUR_MS / 2000 - 1));
  const startMs = Date.parse(firstDay) + hour * HOUR_MS + second * 1000 + 123;
  return { dt: firstDay, hour: String(hour).padStart(2, "0"), startMs };
}

/** The keys of all objects in the hour's partitions. */
export async function keysOf({ dt, hour }: QuietHour, Bucket: string, s3: S3Client): Promise<string[]> {
  const keys: string[] = [];
  for (const table of LAKE_TABLE_NAMES)
    keys.push(...(await keysUnder(`${table}/dt=${dt}/hour=${hour}/`, Bucket, s3)));
  return keys;
}

export async function keysUnder(Prefix: string, Bucket: string, s3: S3Client): Promise<string[]> {
  const keys: string[] = [];
  for await (const { Contents = [] } of paginateListObjectsV2({ client: s3 }, { Bucket, Prefix }))
    keys.push(...Contents.map(({ Key = "" }) => Key));
  return keys;
}

export async function removeKeys(keys: readonly string[], Bucket: string, s3: S3Client): Promise<void> {
  for (const Key of keys) await s3.send(new DeleteObjectCommand({ Bucket, Key }));
}
