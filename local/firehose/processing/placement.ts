import { bufferName } from "../buffers/buffer-names.ts";
import { processingFailedLine } from "../delivery/error-lines.ts";
import type { Outcome } from "./lambda-response.ts";
import {
  evaluatePrefix,
  MAX_EVALUATED_PREFIX_LENGTH,
  type ErrorOutputType,
  type Prefix,
} from "../settings/prefix.ts";
import type { StoredRecord, NewRecord } from "../buffers/record-store.ts";

/** Maximum number of partitions with undelivered records (documented: Firehose quotas; can be raised on AWS). */
const MAX_ACTIVE_PARTITIONS = 500;

/** The records that a processed batch becomes. */
interface Placement {
  readonly next: readonly NewRecord[];
  readonly counts: { readonly ok: number; readonly dropped: number; readonly failed: number };
}

interface PlacementRules {
  readonly prefix: Prefix;
  readonly partitionKeys: readonly string[];
  /** Names of the data buffers that are not empty. */
  readonly activePartitions: ReadonlySet<string>;
}

/**
 * Decides where every record of a processed batch goes: to the buffer of its partition, with its original bytes to the
 * error output, or nowhere when the function dropped it.
 * @param outcomes one for each record, in the same order
 */
export function place(
  records: readonly StoredRecord[],
  outcomes: readonly Outcome[],
  { prefix, partitionKeys, activePartitions }: PlacementRules,
  attempt: { attemptsMade: number; endedAtMs: number; functionArn: string },
): Placement {
  const active = new Set(activePartitions);
  const counts = { ok: 0, dropped: 0, failed: 0 };

  const fail = (record: StoredRecord, type: ErrorOutputType, code: string, message: string): NewRecord => {
    counts.failed++;
    const data = processingFailedLine({ record, code, message }, attempt);
    return { buffer: bufferName({ kind: "error", type }), arrivedAtMs: record.arrivedAtMs, data };
  };

  const next = records.flatMap((record, index): NewRecord[] => {
    const outcome = outcomes[index]!;
    if (outcome.kind === "dropped") {
      counts.dropped++;
      return [];
    }
    if (outcome.kind === "failed") return [fail(record, "processing-failed", outcome.code, outcome.message)];
    const partition = partitionOf(outcome.partitionKeys, partitionKeys, prefix);
    if (typeof partition === "string")
      return [fail(record, "processing-failed", "DynamicPartitioning.MetadataExtractionFailed", partition)];
    const buffer = bufferName({ kind: "data", partitionKeys: partition });
    if (!active.has(buffer) && active.size >= MAX_ACTIVE_PARTITIONS) {
      const message = `The delivery stream has ${MAX_ACTIVE_PARTITIONS} active partitions already.`;
      // The output type is documented ("Buffering hints"); the code is unconfirmed.
      return [
        fail(record, "activePartitionExceeded", "DynamicPartitioning.ActivePartitionExceeded", message),
      ];
    }
    active.add(buffer);
    counts.ok++;
    return [{ buffer, arrivedAtMs: record.arrivedAtMs, data: outcome.data }];
  });
  return { next, counts };
}

/**
 * The partition of a record: the keys in the prefix, in its order; other keys don't matter.
 * @param returned `metadata.partitionKeys` of the Lambda processor
 * @returns a problem as text, for `DynamicPartitioning.MetadataExtractionFailed` (observed for null and empty values;
 *   unconfirmed for keys that are missing, are not text, or make the prefix too long)
 */
function partitionOf(
  returned: unknown,
  keys: readonly string[],
  prefix: Prefix,
): Readonly<Record<string, string>> | string {
  const values = returned && typeof returned === "object" ? (returned as Record<string, unknown>) : {};
  const partition: Record<string, string> = {};
  for (const key of keys) {
    const value = Object.hasOwn(values, key) ? values[key] : undefined;
    if (value === undefined || value === null || value === "")
      return `partitionKeys values must not be null or empty: ${key}`;
    if (typeof value !== "string") return `partitionKeys values must be strings: ${key}`;
    partition[key] = value;
  }
  const evaluated = evaluatePrefix(prefix, {
    oldestArrivalMs: 0,
    timeZone: "UTC",
    randomString: () => "0".repeat(11),
    partitionKeys: partition,
  });
  if (evaluated.length > MAX_EVALUATED_PREFIX_LENGTH)
    return `the evaluated prefix has ${evaluated.length} characters, over ${MAX_EVALUATED_PREFIX_LENGTH}`;
  if (evaluated.split("/").includes(".."))
    return `the evaluated prefix ${evaluated} contains "..", which the local S3 refuses`;
  return partition;
}
