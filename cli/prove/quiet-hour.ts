import { randomInt } from "node:crypto";
import { DeleteObjectCommand, paginateListObjectsV2, type S3Client } from "@aws-sdk/client-s3";
import { LAKE_BEGINS, LAKE_BEGINS_MS } from "../../schemas/tables/column.ts";

const HOUR_MS = 3_600_000;
const HOURS = 24;
const TABLES = ["detection_records", "session_records"] as const;

/** An hour of the lake's first day, when nobody's camera was there: what comes into its partitions is the proof's. */
export interface QuietHour {
  readonly dt: string;
  /** Two digits. */
  readonly hour: string;
  /** When the video of the proof begins, epoch milliseconds: in the hour's first half, and no whole second. */
  readonly startMs: number;
}

export function quietHour(): QuietHour {
  const hour = randomInt(HOURS);
  const startMs = LAKE_BEGINS_MS + hour * HOUR_MS + randomInt(1, HOUR_MS / 2000) * 1000 + 123;
  return { dt: LAKE_BEGINS, hour: String(hour).padStart(2, "0"), startMs };
}

/** Keys of all objects in the partitions of the hour. */
export async function keysOf({ dt, hour }: QuietHour, Bucket: string, s3: S3Client): Promise<string[]> {
  const keys: string[] = [];
  for (const table of TABLES) keys.push(...(await keysUnder(`${table}/dt=${dt}/hour=${hour}/`, Bucket, s3)));
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
