import { evaluatePrefix, MAX_EVALUATED_PREFIX_LENGTH, type ErrorOutputType, type Prefix } from "./prefix.ts";

/** What the records of a buffer wait for. */
export type BufferPurpose =
  /** Their Lambda processor. */
  | { readonly kind: "source" }
  /** Their object; one buffer for each set of partition keys. */
  | { readonly kind: "data"; readonly partitionKeys: Readonly<Record<string, string>> }
  /** An object of the error output. */
  | { readonly kind: "error"; readonly type: ErrorOutputType }
  /** An object of the raw source backup. */
  | { readonly kind: "backup" };

/** Most partitions with undelivered records (documented: Firehose quotas; raisable on AWS). */
export const MAX_ACTIVE_PARTITIONS = 500;

/** The name under which the store keeps the buffer's records. */
export function bufferName(purpose: BufferPurpose): string {
  if (purpose.kind === "error") return `error:${purpose.type}`;
  return purpose.kind === "data" ? `data:${JSON.stringify(purpose.partitionKeys)}` : purpose.kind;
}

/** The inverse of {@link bufferName}. */
export function bufferPurpose(name: string): BufferPurpose {
  if (name.startsWith("error:")) return { kind: "error", type: name.slice(6) as ErrorOutputType };
  if (name.startsWith("data:"))
    return { kind: "data", partitionKeys: JSON.parse(name.slice(5)) as Record<string, string> };
  return { kind: name as "source" | "backup" };
}

/**
 * The partition of a record: the keys that the prefix names, in the prefix's order, so that other keys don't split it.
 * @param returned `metadata.partitionKeys` as the Lambda processor returned it
 * @returns a text that says what is wrong, for `DynamicPartitioning.MetadataExtractionFailed` (observed for null and
 *   empty values; unconfirmed for keys that are missing, no text, or make the prefix too long)
 */
export function partitionOf(
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
    return `the evaluated prefix ${evaluated} has a "..", which the local S3 refuses`;
  return partition;
}
