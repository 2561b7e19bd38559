/** Records of one shard that a function gets together, in order. */
export interface Batch<R> {
  readonly records: readonly R[];
  /** How often the function has failed on the batch as it is. */
  readonly retries: number;
}

/** How failed batches are handled. */
export interface FailureSettings {
  /** Whether a batch that fails is split in two. */
  readonly bisects: boolean;
  readonly maxRetries: number;
}

/** What follows from an attempt on the first pending batch. */
export interface Step<R> {
  /** What is left to do, in order. */
  readonly pending: readonly Batch<R>[];
  /** The last record that is done with, handled or discarded: where the checkpoint moves to. */
  readonly passed?: R | undefined;
  /** The batch that is given up. */
  readonly discarded?: Batch<R>;
  /** Whether the first pending batch is to wait before it is attempted again. */
  readonly waits: boolean;
}

/**
 * The rule of retries (documented: Lambda, "Configuring partial batch response with Kinesis Data Streams and Lambda" and
 * "Retain discarded batch records"): the records before the lowest failed one are done, and the rest is retried from
 * there; a batch that fails as a whole is split in two, which uses up no retry, or retried until its retries are used up,
 * and then discarded. Unconfirmed: that a batch which fails at its first record counts as failed whole and is split, that
 * the rest of a partly successful batch has all of its retries, and that halves have those that the whole had left.
 * @param firstFailed index of the first record that failed; the number of records if none did
 */
export function afterAttempt<R>(
  [batch, ...rest]: readonly Batch<R>[],
  firstFailed: number,
  { bisects, maxRetries }: FailureSettings,
): Step<R> {
  const { records, retries } = batch!;
  if (firstFailed >= records.length) return { pending: rest, passed: records.at(-1), waits: false };
  if (firstFailed > 0) {
    const left = { records: records.slice(firstFailed), retries: 0 };
    return { pending: [left, ...rest], passed: records[firstFailed - 1], waits: true };
  }
  if (bisects && records.length > 1) {
    const middle = Math.ceil(records.length / 2);
    const halves = [records.slice(0, middle), records.slice(middle)];
    return { pending: [...halves.map((half) => ({ records: half, retries })), ...rest], waits: false };
  }
  if (retries >= maxRetries)
    return { pending: rest, passed: records.at(-1), discarded: batch!, waits: false };
  return { pending: [{ records, retries: retries + 1 }, ...rest], waits: true };
}

/** Takes the records that are too old, the first ones, out of the first pending batch. */
export function withoutAged<R>(
  pending: readonly Batch<R>[],
  isTooOld: (record: R) => boolean,
): Pick<Step<R>, "pending" | "passed" | "discarded"> {
  const [batch, ...rest] = pending;
  const { records, retries } = batch!;
  const young = records.findIndex((record) => !isTooOld(record));
  const count = young < 0 ? records.length : young;
  if (count === 0) return { pending };
  const left = count < records.length ? [{ records: records.slice(count), retries }] : [];
  const discarded = { records: records.slice(0, count), retries };
  return { pending: [...left, ...rest], passed: discarded.records.at(-1), discarded };
}
