import * as v from "valibot";
import { SECOND_MS } from "../../base/durations.ts";
import { invalidArgument } from "./errors.ts";

/** The longest retention: ten years (documented: UpdateDataRetention). */
export const MAX_RETENTION_HOURS = 87_600;
/** Tags of one stream (documented: TagStream). */
export const MAX_STREAM_TAGS = 50;

const text = (minLength: number, maxLength: number, pattern?: RegExp) =>
  pattern
    ? v.pipe(v.string(), v.minLength(minLength), v.maxLength(maxLength), v.regex(pattern))
    : v.pipe(v.string(), v.minLength(minLength), v.maxLength(maxLength));

/** Documented patterns and bounds of the API reference, Kinesis Video Streams and its media APIs. */
export const streamName = text(1, 256, /^[a-zA-Z0-9_.-]+$/);
export const streamArn = text(
  1,
  1024,
  /^arn:[a-z\d-]+:kinesisvideo:[a-z0-9-]+:[0-9]+:[a-z]+\/[a-zA-Z0-9_.-]+\/[0-9]+$/,
);
export const fragmentNumber = text(1, 128, /^[0-9]+$/);
export const continuationToken = text(1, 128, /^[a-zA-Z0-9_.-]+$/);
export const nextToken = text(1, 4096);
export const version = text(1, 64, /^[a-zA-Z0-9]+$/);
export const hours = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(MAX_RETENTION_HOURS));
export const mediaType = text(1, 128, /^[\w.+-]+\/[\w.+-]+(,[\w.+-]+\/[\w.+-]+)*$/);
export const deviceName = text(1, 128, /^[a-zA-Z0-9_.-]+$/);
export const kmsKeyId = text(1, 2048);
export const storageConfiguration = v.object({ DefaultStorageTier: v.picklist(["HOT", "WARM"]) });
export const tagKey = text(1, 128, /^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$/u);
export const tags = v.pipe(
  v.record(tagKey, text(0, 256, /^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$/u)),
  v.check((all) => Object.keys(all).length <= MAX_STREAM_TAGS, `at most ${MAX_STREAM_TAGS} tags`),
);
export const maxResults = (max: number) => v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(max));

/** A time in REST-JSON, epoch seconds with a fraction, as epoch milliseconds. */
export const timestampMs = v.pipe(
  v.number(),
  v.finite(),
  v.transform((seconds) => Math.round(seconds * SECOND_MS)),
);

export const toSeconds = (atMs: number): number => atMs / SECOND_MS;

/** A request's members that name the stream. */
const streamReference = { StreamName: v.optional(streamName), StreamARN: v.optional(streamArn) };

/** A request that names one stream; both members at once are refused, as documented for PutMedia. */
export const streamRequest = <const Entries extends v.ObjectEntries>(entries: Entries) =>
  v.pipe(
    v.object({ ...streamReference, ...entries }),
    v.check((request) => {
      const { StreamName, StreamARN } = request as v.InferOutput<
        v.ObjectSchema<typeof streamReference, undefined>
      >;
      return (StreamName === undefined) !== (StreamARN === undefined);
    }, "give exactly one of StreamName and StreamARN"),
  );

/** An opaque token for the next page. */
export const encodeToken = (position: unknown): string =>
  Buffer.from(JSON.stringify(position)).toString("base64url");

/** The position in a token. @throws AwsError InvalidArgumentException */
export function decodeToken<T>(token: string, schema: v.GenericSchema<unknown, T>): T {
  try {
    return v.parse(schema, JSON.parse(Buffer.from(token, "base64url").toString("utf8")));
  } catch {
    throw invalidArgument("NextToken: expected the one of the previous page");
  }
}
