import { compareKeys, firstNotBefore } from "./key-order.ts";

/** What a request lists: `ListObjects`, `ListObjectsV2` and `ListObjectVersions` alike. */
export interface Listing {
  readonly prefix: string;
  /** Keys are grouped by what they have up to it; empty for no groups. */
  readonly delimiter: string;
  /** The key after which the page starts; empty for the first page. */
  readonly after: string;
  readonly maxKeys: number;
}

/** An item, or the common prefix of several keys. */
type Entry<T> =
  { readonly key: string; readonly item: T } | { readonly key: string; readonly item?: undefined };

interface Page<T> {
  readonly entries: readonly Entry<T>[];
  readonly isTruncated: boolean;
}

/**
 * A page of a listing, in the order of the keys' UTF-8 bytes. A group counts as one entry, and is left out when it is not
 * after the key at which the page starts: S3 returns it with an earlier one (unconfirmed for a key inside the group).
 * @param sorted all keys of the bucket
 * @param itemsOf what to list of a key; nothing for one that is not listed. It is also called for the key `after`, of which
 *   `ListObjectVersions` may have versions left.
 */
export function pageOf<T>(
  sorted: readonly string[],
  { prefix, delimiter, after, maxKeys }: Listing,
  itemsOf: (key: string) => readonly T[],
): Page<T> {
  const entries: Entry<T>[] = [];
  if (maxKeys === 0) return { entries, isTruncated: false };
  let group: string | undefined;
  const from = compareKeys(after, prefix) > 0 ? after : prefix;
  for (let at = firstNotBefore(sorted, from); at < sorted.length; at++) {
    const key = sorted[at]!;
    if (!key.startsWith(prefix)) break;
    const items = itemsOf(key);
    if (items.length === 0) continue;
    const groupOfKey = groupOf(key, prefix, delimiter);
    if (groupOfKey === undefined) {
      for (const item of items) {
        if (entries.length === maxKeys) return { entries, isTruncated: true };
        entries.push({ key, item });
      }
    } else if (groupOfKey !== group && compareKeys(groupOfKey, after) > 0) {
      if (entries.length === maxKeys) return { entries, isTruncated: true };
      group = groupOfKey;
      entries.push({ key: groupOfKey });
    }
  }
  return { entries, isTruncated: false };
}

function groupOf(key: string, prefix: string, delimiter: string): string | undefined {
  const end = delimiter === "" ? -1 : key.indexOf(delimiter, prefix.length);
  return end < 0 ? undefined : key.slice(0, end + delimiter.length);
}
