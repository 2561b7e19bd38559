import { createHash } from "node:crypto";
import * as v from "valibot";
import type { Cloud } from "../cloud.ts";
import { OperatorError } from "../errors.ts";
import { parseProperties } from "../template/properties.ts";
import type { ResourceType } from "../template/resource.ts";
import { MAX_QUERY_LENGTH } from "./inputs.ts";
import type { AthenaState } from "./state.ts";
import { PRIMARY, workGroupProperties } from "./work-groups.ts";

const namedQueryProperties = v.object({
  Name: v.optional(v.pipe(v.string(), v.minLength(1), v.maxLength(128))),
  Description: v.optional(v.pipe(v.string(), v.minLength(1), v.maxLength(1024))),
  Database: v.pipe(v.string(), v.minLength(1), v.maxLength(255)),
  QueryString: v.pipe(v.string(), v.minLength(1), v.maxLength(MAX_QUERY_LENGTH)),
  WorkGroup: v.optional(v.string(), PRIMARY),
});

export const resourceTypes = (cloud: Cloud, state: AthenaState): Record<string, ResourceType> => ({
  "AWS::Athena::WorkGroup": workGroupType(cloud, state),
  "AWS::Athena::NamedQuery": namedQueryType(state),
});

/** `Ref` is the workgroup's name. */
const workGroupType = (cloud: Cloud, { workGroups }: AthenaState): ResourceType => ({
  properties: Object.keys(workGroupProperties.entries),
  create: ({ properties }) => {
    const {
      Name: name,
      State: state,
      Description: description,
      WorkGroupConfiguration: configuration,
    } = parseProperties(workGroupProperties, properties);
    const createdAtMs = workGroups.get(name)?.createdAtMs ?? cloud.clock.now();
    workGroups.put(name, { name, state, description, createdAtMs, configuration });
    return { ref: name, attributes: { CreationTime: String(createdAtMs) } };
  },
});

/** `Ref` is the query's name (documented: CloudFormation, AWS::Athena::NamedQuery). */
const namedQueryType = ({ workGroups, namedQueries }: AthenaState): ResourceType => ({
  properties: Object.keys(namedQueryProperties.entries),
  create: ({ logicalId, generatedName, properties }) => {
    const {
      Name: name = generatedName,
      Description: description,
      Database: database,
      QueryString: query,
      WorkGroup: workGroup,
    } = parseProperties(namedQueryProperties, properties);
    if (!workGroups.get(workGroup))
      throw new OperatorError(
        `WorkGroup ${workGroup} is not a workgroup of the template; give it as {"Ref": …}`,
      );
    const id = idOf(logicalId);
    namedQueries.put(id, { id, name, description, database, query, workGroup });
    return { ref: name, attributes: { NamedQueryId: id } };
  },
});

/** The same at every start, in the form of a UUID. */
const idOf = (logicalId: string): string =>
  createHash("sha256")
    .update(logicalId)
    .digest("hex")
    .replace(/^(.{8})(.{4})(.{4})(.{4})(.{12}).*$/, "$1-$2-$3-$4-$5");
