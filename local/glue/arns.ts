import type { Cloud } from "../cloud.ts";

/**
 * The resources that a call needs permission for (documented: Glue guide, "Specifying AWS Glue resource ARNs"): a
 * database needs the catalog too, a table its database and the catalog. Pass `*` as the table for all tables.
 */
export function catalogArns(cloud: Cloud, database?: string, table?: string): string[] {
  const arns = [cloud.arn("glue", "catalog")];
  if (database !== undefined) arns.push(cloud.arn("glue", `database/${database.toLowerCase()}`));
  if (table !== undefined)
    arns.push(cloud.arn("glue", `table/${database?.toLowerCase()}/${table.toLowerCase()}`));
  return arns;
}
