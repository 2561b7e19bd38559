import type { Action } from "../../api/action.ts";
import { mappingConfiguration } from "../event-source-mappings.ts";
import { namedMapping, namedMappingArn, type NamedMapping } from "../named-mapping.ts";
import type { LambdaState } from "../state.ts";

export const getEventSourceMapping: Action<LambdaState, NamedMapping, unknown> = {
  input: namedMapping,
  resources: namedMappingArn,
  run: ({ UUID }, { cloud, state: { mappings } }) =>
    mappingConfiguration(mappings.find(UUID), { cloud, mappings }),
};
