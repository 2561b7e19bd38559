import * as v from "valibot";

/** Tags of one stream (documented: AddTagsToStream). */
export const MAX_STREAM_TAGS = 50;

const text = (minLength: number, maxLength: number, pattern = /^/) =>
  v.pipe(v.string(), v.minLength(minLength), v.maxLength(maxLength), v.regex(pattern));

export const whole = (min: number, max: number) =>
  v.pipe(v.number(), v.integer(), v.minValue(min), v.maxValue(max));

/** Documented patterns and bounds of the API reference. */
export const streamName = text(1, 128, /^[a-zA-Z0-9_.-]+$/);
export const streamArn = text(1, 2048, /^arn:aws[\w-]*:kinesis:[^:]*:\d{12}:stream\/[\w.-]+$/);
export const shardId = text(1, 128, /^[a-zA-Z0-9_.-]+$/);
export const partitionKey = v.pipe(v.string(), v.minLength(1), v.maxLength(256));
export const hashKey = v.pipe(
  v.string(),
  v.regex(/^(0|[1-9]\d{0,38})$/),
  v.check((key) => BigInt(key) < 1n << 128n, "must be in the range: [0, 2^128-1]"),
);
export const sequenceNumberText = v.pipe(v.string(), v.regex(/^(0|[1-9]\d{0,128})$/));
export const shardCount = whole(1, 20_000);
export const streamMode = v.picklist(["PROVISIONED", "ON_DEMAND"]);
export const streamModeDetails = v.object({ StreamMode: streamMode });
/** From a day to a year (documented: IncreaseStreamRetentionPeriod). */
export const retentionHours = whole(24, 8760);
export const maxResults = whole(1, 10_000);
export const nextToken = text(1, 1_048_576);
export const tagKey = text(1, 128);
export const tags = v.record(tagKey, v.pipe(v.string(), v.maxLength(256)));

/** Epoch seconds with a fraction, as epoch milliseconds. */
export const timestampMs = v.pipe(
  v.number(),
  v.finite(),
  v.transform((seconds) => Math.round(seconds * 1000)),
);

const NAMES_A_STREAM = "either StreamName or StreamARN must be provided, for the same stream";

/** A request that names one stream, by name, ARN or both (documented for each action). */
export const streamRequest = <const Entries extends v.ObjectEntries>(entries: Entries) =>
  v.pipe(
    v.object({ StreamName: v.optional(streamName), StreamARN: v.optional(streamArn), ...entries }),
    v.check((request) => {
      const { StreamName, StreamARN } = request as StreamReference;
      if (StreamName === undefined) return StreamARN !== undefined;
      return StreamARN === undefined || nameIn(StreamARN) === StreamName;
    }, NAMES_A_STREAM),
  );

export interface StreamReference {
  readonly StreamName?: string | undefined;
  readonly StreamARN?: string | undefined;
}

export const nameIn = (arn: string): string => arn.slice(arn.indexOf("/") + 1);

/** The name of the stream of a request that `streamRequest` has checked. */
export const nameOf = ({ StreamName, StreamARN }: StreamReference): string =>
  StreamName ?? nameIn(StreamARN!);
