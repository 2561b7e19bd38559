import { page } from "../api/page.ts";

const DEFAULT_PAGE_SIZE = 100;

/** One page of a listing, with IAM's names for its parts. */
export function listing<T>(
  items: readonly T[],
  { MaxItems, Marker }: { MaxItems?: number | undefined; Marker?: string | undefined },
): { items: T[]; IsTruncated: boolean; Marker?: string | undefined } {
  const { items: shown, NextToken } = page(
    items,
    { MaxResults: MaxItems, NextToken: Marker },
    DEFAULT_PAGE_SIZE,
    "ValidationError",
  );
  return { items: shown, IsTruncated: NextToken !== undefined, Marker: NextToken };
}
