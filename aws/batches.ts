/** What a call takes at most. */
export interface BatchLimits {
  readonly entries: number;
  readonly bytes: number;
}

/** An entry as it is sent, and its size as the service reckons it. */
export interface Sized<T> {
  readonly entry: T;
  readonly bytes: number;
}

/** The entries in their order, in as few batches as the limits allow; one that is over the limit goes alone. */
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
 * Sends entries in batches, the first ones first. A batch that fails as a whole ends it, so that what was taken before
 * counts and nothing overtakes what was not.
 * @param send returns for each entry of the batch whether it was taken
 * @returns for each entry whether it was taken
 * @throws what the first batch threw
 */
export async function sendInBatches<T>(
  sized: readonly Sized<T>[],
  limits: BatchLimits,
  send: (batch: readonly T[]) => Promise<readonly boolean[]>,
): Promise<boolean[]> {
  const taken: boolean[] = [];
  for (const batch of batchesOf(sized, limits))
    try {
      taken.push(...(await send(batch)));
    } catch (error) {
      if (taken.length === 0) throw error;
      break;
    }
  return sized.map((_, index) => taken[index] ?? false);
}

/** Of Firehose's PutRecordBatch (documented): 500 records and 4 MiB together at most. */
export const RECORD_BATCH: BatchLimits = { entries: 500, bytes: 4 * 1024 * 1024 };
