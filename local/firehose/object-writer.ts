import { S3Client } from "@aws-sdk/client-s3";
import { randomId, secureBytes } from "../../base/random.ts";
import type { ClientConfig } from "../cloud.ts";
import { putObject } from "../s3/put-object.ts";
import { compress } from "./compression.ts";
import { objectKey, type ErrorOutputType } from "./prefix.ts";
import type { S3Output } from "./settings.ts";

/** An S3 client that tries once: Firehose retries by itself, on the local cloud's clock. */
export class SingleAttemptS3Client extends S3Client {
  constructor(config: ClientConfig) {
    super({ ...config, maxAttempts: 1 });
  }
}

/** What one object is made from. */
export interface ObjectContent {
  readonly body: Uint8Array;
  /** Arrival of its oldest record, epoch milliseconds. */
  readonly oldestArrivalMs: number;
  readonly partitionKeys?: Readonly<Record<string, string>>;
  readonly errorOutputType?: ErrorOutputType;
  /** Given for a body that compresses itself: its extension and `Content-Encoding`. */
  readonly format?: { readonly extension: string; readonly contentEncoding: string | undefined };
}

/** Extension of a Parquet object, and the encoding that AWS labels it with though it is plain Parquet (observed). */
export const PARQUET_FORMAT = { extension: ".parquet", contentEncoding: "hadoop-snappy" } as const;

/**
 * Puts one object, named as Firehose names it.
 * @returns its key
 */
export async function writeObject(
  s3: S3Client,
  output: S3Output,
  content: ObjectContent,
  stream: { name: string; version: number },
  abortSignal: AbortSignal,
): Promise<string> {
  const uuid = randomId();
  const { body, extension, contentEncoding } = content.format
    ? { body: content.body, ...content.format }
    : compress(content.body, output.compression, uuid);
  const key = objectKey(
    output.prefix,
    { ...content, timeZone: output.timeZone, randomString },
    { streamName: stream.name, version: stream.version, uuid, extension: output.fileExtension || extension },
  );
  const params = {
    Bucket: output.bucket,
    Key: key,
    Body: body,
    ContentType: "application/octet-stream",
    ContentEncoding: contentEncoding,
  };
  await putObject(s3, params, abortSignal);
  return key;
}

const ALPHANUMERIC = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

/** `!{firehose:random-string}`: 11 alphanumeric characters (documented). */
const randomString = (): string =>
  Array.from(secureBytes(11), (byte) => ALPHANUMERIC[byte % ALPHANUMERIC.length]).join("");
