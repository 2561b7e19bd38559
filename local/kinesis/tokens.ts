import * as v from "valibot";
import { MINUTE_MS } from "../../base/durations.ts";
import type { Clock } from "../../base/clock.ts";
import { expiredIterator, expiredNextToken, invalidArgument } from "./errors.ts";

/** Iterators and tokens of pages are valid for 5 minutes (documented: GetShardIterator, ListShards). */
const VALID_MS = 5 * MINUTE_MS;

const shardIterator = v.object({
  streamName: v.string(),
  createdAtMs: v.number(),
  shardIndex: v.number(),
  /** The position of the last record that the reader has. */
  after: v.number(),
  issuedAtMs: v.number(),
});

/** From where a shard is read on. */
export type ShardIterator = v.InferOutput<typeof shardIterator>;

const shardsToken = v.object({
  streamName: v.string(),
  afterShardId: v.string(),
  maxResults: v.number(),
  issuedAtMs: v.number(),
});

type ShardsToken = v.InferOutput<typeof shardsToken>;

export const encodeIterator = (iterator: ShardIterator): string => encode(iterator);
export const encodeShardsToken = (token: ShardsToken): string => encode(token);

/** @throws AwsError InvalidArgumentException */
export function decodeIterator(text: string): ShardIterator {
  const iterator = decode(text, shardIterator);
  if (!iterator) throw invalidArgument("Invalid ShardIterator.");
  return iterator;
}

/** @throws AwsError ExpiredIteratorException */
export function refuseExpired({ issuedAtMs }: ShardIterator, clock: Clock): void {
  const nowMs = clock.now();
  if (nowMs - issuedAtMs > VALID_MS) throw expiredIterator(issuedAtMs, nowMs);
}

/** @throws AwsError InvalidArgumentException, ExpiredNextTokenException */
export function decodeShardsToken(text: string, clock: Clock): ShardsToken {
  const token = decode(text, shardsToken);
  if (!token) throw invalidArgument("NextToken: expected the one of the previous page");
  if (clock.now() - token.issuedAtMs > VALID_MS) throw expiredNextToken();
  return token;
}

const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString("base64");

function decode<T>(text: string, schema: v.GenericSchema<unknown, T>): T | undefined {
  try {
    return v.parse(schema, JSON.parse(Buffer.from(text, "base64").toString("utf8")));
  } catch {
    return undefined;
  }
}
