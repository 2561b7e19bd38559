import type { Action } from "../../api/action.ts";
import { mappingConfiguration } from "../event-source-mappings.ts";
import { namedMapping, namedMappingArn, type NamedMapping } from "../named-mapping.ts";
import type { LambdaState } from "../state.ts";

/** The mapping is gone at once; on AWS it is Deleting for a while. */
export const deleteEventSourceMapping: Action<LambdaState, NamedMapping, unknown> = {
  input: namedMapping,
  resources: namedMappingArn,
  run: ({ UUID }, { cloud, state: { mappings } }) => {
    const mapping = mappings.find(UUID);
    mappings.delete(mapping);
    return mappingConfiguration(mapping, { cloud, mappings }, "Deleting");
  },
};
