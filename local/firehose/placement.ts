import { bufferName, MAX_ACTIVE_PARTITIONS, partitionOf } from "./buffer-names.ts";
import { processingFailedLine } from "./error-lines.ts";
import type { Outcome } from "./lambda-reply.ts";
import type { ErrorOutputType, Prefix } from "./prefix.ts";
import type { KeptRecord, NewRecord } from "./record-store.ts";

/** Where a processed batch goes. */
export interface Placement {
  readonly next: readonly NewRecord[];
  readonly counts: { readonly ok: number; readonly dropped: number; readonly failed: number };
}

export interface PlacementRules {
  readonly prefix: Prefix;
  readonly partitionKeys: readonly string[];
  /** Names of the data buffers that hold records. */
  readonly activePartitions: ReadonlySet<string>;
}

/**
 * Decides for every record of a processed batch, once: its partition's buffer, the error output with its original
 * bytes, or nowhere when the function dropped it.
 * @param outcomes one for each record, in the same order
 */
export function place(
  records: readonly KeptRecord[],
  outcomes: readonly Outcome[],
  { prefix, partitionKeys, activePartitions }: PlacementRules,
  attempt: { attemptsMade: number; endedAtMs: number; functionArn: string },
): Placement {
  const active = new Set(activePartitions);
  const counts = { ok: 0, dropped: 0, failed: 0 };

  const fail = (record: KeptRecord, type: ErrorOutputType, code: string, message: string): NewRecord => {
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
