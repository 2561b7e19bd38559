import { invalidPaginationToken } from "../errors.ts";

/**
 * The page of an ordered listing after the item that the token names, so that what is added or deleted meanwhile neither
 * repeats nor skips an item.
 * @throws AwsError InvalidPaginationTokenException
 */
export function pageAfter<T>(
  items: readonly T[],
  keyOf: (item: T) => string,
  { MaxResults, NextToken }: { readonly MaxResults: number; readonly NextToken?: string | undefined },
  maxPage: number,
): { page: T[]; NextToken?: string } {
  const after = NextToken === undefined ? "" : keyIn(NextToken);
  const rest = items.filter((item) => keyOf(item) > after);
  const page = rest.slice(0, MaxResults || maxPage);
  return { page, ...(rest.length > page.length && { NextToken: tokenOf(keyOf(page.at(-1)!)) }) };
}

const PREFIX = "after:";
const tokenOf = (key: string): string => Buffer.from(PREFIX + key).toString("base64url");

function keyIn(token: string): string {
  const decoded = Buffer.from(token, "base64url").toString("utf8");
  const key = decoded.slice(PREFIX.length);
  if (!decoded.startsWith(PREFIX) || tokenOf(key) !== token) throw invalidPaginationToken();
  return key;
}
