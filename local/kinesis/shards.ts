import { createHash } from "node:crypto";
import type { Stream } from "./stream.ts";

const HASH_KEYS = 1n << 128n;

/** The shards of a stream are those that it is created with: resharding is not emulated. */
export interface Shard {
  readonly index: number;
  readonly id: string;
  /** Both inclusive. */
  readonly startingHashKey: bigint;
  readonly endingHashKey: bigint;
}

export const shardId = (index: number): string => `shardId-${String(index).padStart(12, "0")}`;

/** The shards divide the hash keys evenly (observed: CreateStream of a new stream). */
export function shardsOf({ shardCount }: Pick<Stream, "shardCount">): Shard[] {
  const size = HASH_KEYS / BigInt(shardCount);
  return Array.from({ length: shardCount }, (_, index) => ({
    index,
    id: shardId(index),
    startingHashKey: size * BigInt(index),
    endingHashKey: (index < shardCount - 1 ? size * BigInt(index + 1) : HASH_KEYS) - 1n,
  }));
}

/** The index of the shard that takes a record: by its explicit hash key, or by MD5 of its partition key (documented: PutRecord). */
export function shardIndexFor(
  { shardCount }: Pick<Stream, "shardCount">,
  { PartitionKey, ExplicitHashKey }: { PartitionKey: string; ExplicitHashKey?: string | undefined },
): number {
  const hashKey = BigInt(ExplicitHashKey ?? `0x${createHash("md5").update(PartitionKey).digest("hex")}`);
  const index = Number(hashKey / (HASH_KEYS / BigInt(shardCount)));
  // The last shard also takes what is left when the keys cannot be divided evenly.
  return Math.min(index, shardCount - 1);
}
