import * as v from "valibot";
import { AwsError } from "../errors.ts";

/** `MaxResults` and `NextToken` as Glue's listings take them. */
export const pageEntries = {
  MaxResults: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(1000))),
  NextToken: v.optional(v.string()),
};

/**
 * One page of a listing. The token is the position of the next item.
 * @throws AwsError with `code` for a token that no listing gave
 */
export function page<T>(
  items: readonly T[],
  { MaxResults, NextToken }: { MaxResults?: number | undefined; NextToken?: string | undefined },
  defaultSize: number,
  code = "InvalidInputException",
): { items: T[]; nextToken?: string } {
  const from = NextToken === undefined ? 0 : Number(NextToken);
  if (!Number.isInteger(from) || from < 0 || from > items.length)
    throw new AwsError(code, `NextToken ${NextToken} is not one that this listing gave`);
  const until = from + (MaxResults ?? defaultSize);
  return {
    items: items.slice(from, until),
    ...(until < items.length && { nextToken: String(until) }),
  };
}
