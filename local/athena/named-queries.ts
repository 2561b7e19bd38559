import type { NamedQueryRecord } from "./records.ts";

/** A saved query, as the API returns it. */
export const describeNamedQuery = (record: NamedQueryRecord) => ({
  NamedQueryId: record.id,
  Name: record.name,
  Description: record.description,
  Database: record.database,
  QueryString: record.query,
  WorkGroup: record.workGroup,
});
