import { AwsError } from "../errors.ts";

/**
 * One page of a listing. The token is the position of the next item.
 * @param defaultSize for a request without `MaxResults`, or with 0
 * @param code the error for a token that this listing did not return
 * @throws AwsError
 */
export function page<T>(
  items: readonly T[],
  { MaxResults, NextToken }: { MaxResults?: number | undefined; NextToken?: string | undefined },
  defaultSize: number,
  code: string,
): { items: T[]; NextToken?: string } {
  const from = NextToken === undefined ? 0 : Number(NextToken);
  if (!Number.isInteger(from) || from < 0 || from > items.length)
    throw new AwsError(code, `NextToken ${NextToken} is not one that this listing returned`);
  const until = from + (MaxResults || defaultSize);
  return { items: items.slice(from, until), ...(until < items.length && { NextToken: String(until) }) };
}
