/** What one call accepts at most. */
export interface BatchLimits {
  readonly entries: number;
  readonly bytes: number;
}

/** An entry to send, and its size as the service counts it. */
interface Sized<T> {
  readonly entry: T;
  readonly bytes: number;
}

/** The entries in order, in as few batches as the limits allow. An entry above the limit has a batch of its own. */
export function* batchesOf<T>(sized: readonly Sized<T>[], limits: BatchLimits): Generator<T[]> {
  let batch: T[] = [];
  let batchBytes = 0;
  for (const { entry, bytes } of sized) {
    if (batch.length > 0 && (batch.length === limits.entries || batchBytes + bytes > limits.bytes)) {
      yield batch;
      batch = [];
      batchBytes = 0;
    }
    batch.push(entry);
    batchBytes += bytes;
  }
  if (batch.length > 0) yield batch;
}

/**
 * Sends entries in batches, in order. No batch is sent after one that failed as a whole, so that later entries do not
 * overtake earlier ones; batches before it count.
 * @param send returns for each entry of the batch whether it was accepted
 * @returns for each entry whether it was accepted
 * @throws what the first batch threw
 */
export async function sendInBatches<T>(
  sized: readonly Sized<T>[],
  limits: BatchLimits,
  send: (batch: readonly T[]) => Promise<readonly boolean[]>,
): Promise<boolean[]> {
  const accepted: boolean[] = [];
  for (const batch of batchesOf(sized, limits))
    try {
      accepted.push(...(await send(batch)));
    } catch (error) {
      if (accepted.length === 0) throw error;
      break;
    }
  return sized.map((_, index) => accepted[index] ?? false);
}
