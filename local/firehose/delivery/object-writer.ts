import type { S3Client } from "@aws-sdk/client-s3";
import { randomId, secureBytes } from "../../../base/random.ts";
import { putObject } from "../../s3/put-object.ts";
import { compress } from "./compression.ts";
import { objectKey, type ErrorOutputType } from "../settings/prefix.ts";
import type { S3Output } from "../settings/settings.ts";

/** The content of one object. */
export interface ObjectContent {
  readonly body: Uint8Array;
  /** Arrival of the oldest record, epoch milliseconds. */
  readonly oldestArrivalMs: number;
  readonly partitionKeys?: Readonly<Record<string, string>>;
  readonly errorOutputType?: ErrorOutputType;
  /** Extension and `Content-Encoding` of a body that is already compressed. */
  readonly format?: { readonly extension: string; readonly contentEncoding: string | undefined };
}

/** Extension of a Parquet object, and the encoding that AWS labels it with though it is plain Parquet (observed). */
export const PARQUET_FORMAT = { extension: ".parquet", contentEncoding: "hadoop-snappy" } as const;

/**
 * Writes one object under the key that Firehose gives it.
 * @returns the key
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
    : await compress(content.body, output.compression, uuid);
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
