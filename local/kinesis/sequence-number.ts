import { SECOND_MS } from "../../base/durations.ts";
import { invalidArgument } from "./errors.ts";
import type { Stream } from "./stream.ts";

/**
 * A sequence number in the form of AWS's (observed: kinesalite), a decimal number of 56 digits: in hexadecimal the digit 2,
 * the stream's creation, the shard's last digit, the record's position, two zeros, the arrival, the shard and the digit 2.
 * Within a shard, later records have higher numbers.
 */
export function sequenceNumber(
  { createdAtMs }: Pick<Stream, "createdAtMs">,
  shardIndex: number,
  { position, arrivedAtMs }: { position: number; arrivedAtMs: number },
): string {
  const shard = hex(shardIndex, 8);
  const parts = [seconds(createdAtMs), shard.slice(-1), hex(position, 16), "00", seconds(arrivedAtMs), shard];
  return BigInt(`0x2${parts.join("")}2`).toString();
}

/**
 * The position of a record in its shard.
 * @throws AwsError InvalidArgumentException for a number that is not of this stream and shard
 */
export function positionOf(
  number: string,
  { name, createdAtMs }: Pick<Stream, "name" | "createdAtMs">,
  shardIndex: number,
): number {
  const [, created, , position = "", , shard] =
    /^2(.{9})(.)(.{16})00(.{9})(.{8})2$/.exec(BigInt(number).toString(16)) ?? [];
  if (created !== seconds(createdAtMs) || shard !== hex(shardIndex, 8))
    throw invalidArgument(
      `StartingSequenceNumber ${number} is invalid because it did not come from this shard of the stream ${name}.`,
    );
  return parseInt(position, 16);
}

const hex = (value: number, digits: number): string => value.toString(16).padStart(digits, "0");
const seconds = (atMs: number): string => hex(Math.floor(atMs / SECOND_MS), 9);
