import { createHash } from "node:crypto";
import * as v from "valibot";
import { explain } from "../api/action.ts";
import { OperatorError } from "../errors.ts";
import type { ResourceType } from "../template/resource.ts";
import type { AthenaStore } from "./store.ts";
import { PRIMARY } from "./work-groups.ts";

/** A query that is saved in a workgroup. */
export interface NamedQueryRecord {
  readonly id: string;
  readonly name: string;
  readonly description?: string | undefined;
  readonly database: string;
  readonly query: string;
  readonly workGroup: string;
}

const MAX_QUERY_LENGTH = 262_144;

const properties = v.object({
  Name: v.optional(v.pipe(v.string(), v.minLength(1), v.maxLength(128))),
  Description: v.optional(v.pipe(v.string(), v.minLength(1), v.maxLength(1024))),
  Database: v.pipe(v.string(), v.minLength(1), v.maxLength(255)),
  QueryString: v.pipe(v.string(), v.minLength(1), v.maxLength(MAX_QUERY_LENGTH)),
  WorkGroup: v.optional(v.string(), PRIMARY),
});

/** `AWS::Athena::NamedQuery`; `Ref` is its name (documented: CloudFormation, AWS::Athena::NamedQuery). */
export const namedQueryType = (store: AthenaStore): ResourceType => ({
  properties: ["Name", "Description", "Database", "QueryString", "WorkGroup"],
  create: ({ logicalId, generatedName, properties: given }) => {
    const parsed = v.safeParse(properties, given);
    if (!parsed.success) throw new OperatorError(explain(parsed.issues));
    const { Name = generatedName, Description, Database, QueryString, WorkGroup } = parsed.output;
    if (!store.workGroups.get(WorkGroup))
      throw new OperatorError(
        `WorkGroup ${WorkGroup} is no workgroup of the template; give it as {"Ref": …}`,
      );
    const id = idOf(logicalId);
    store.namedQueries.put(id, {
      id,
      name: Name,
      description: Description,
      database: Database,
      query: QueryString,
      workGroup: WorkGroup,
    });
    return { ref: Name, attributes: { NamedQueryId: id } };
  },
});

/** The same at every start, in the form of a UUID. */
const idOf = (logicalId: string): string =>
  createHash("sha256")
    .update(logicalId)
    .digest("hex")
    .replace(/^(.{8})(.{4})(.{4})(.{4})(.{12}).*$/, "$1-$2-$3-$4-$5");

/** A saved query as the API shows it. */
export const describeNamedQuery = ({
  id,
  name,
  description,
  database,
  query,
  workGroup,
}: NamedQueryRecord) => ({
  NamedQueryId: id,
  Name: name,
  ...(description !== undefined && { Description: description }),
  Database: database,
  QueryString: query,
  WorkGroup: workGroup,
});
