import * as v from "valibot";
import { PRIMARY } from "./work-groups.ts";

/** Documented: Athena API, StartQueryExecution. */
export const MAX_QUERY_LENGTH = 262_144;
/** Documented: Athena API, ListNamedQueries, ListQueryExecutions and ListWorkGroups. */
export const MAX_PAGE_SIZE = 50;

export const workGroupName = v.optional(v.string(), PRIMARY);

/** `MaxResults`, from 0 or 1 on, and `NextToken` of a listing. */
export const pageEntries = (min: 0 | 1) => ({
  MaxResults: v.optional(v.pipe(v.number(), v.integer(), v.minValue(min), v.maxValue(MAX_PAGE_SIZE))),
  NextToken: v.optional(v.string()),
});
