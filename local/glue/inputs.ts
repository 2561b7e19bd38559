import * as v from "valibot";

/** What every request may carry: the catalog is the account's own. */
export const catalogEntries = { CatalogId: v.optional(v.string()) };

/** `MaxResults` and `NextToken` of a listing. */
export const pageEntries = {
  MaxResults: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(1000))),
  NextToken: v.optional(v.string()),
};

export const DEFAULT_PAGE_SIZE = 100;
