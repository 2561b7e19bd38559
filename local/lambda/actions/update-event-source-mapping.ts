import * as v from "valibot";
import type { Action } from "../../api/action.ts";
import { flag } from "../../template/properties.ts";
import { invalidParameter } from "../errors.ts";
import { mappingConfiguration } from "../event-source-mappings.ts";
import { namedMapping, namedMappingArn } from "../named-mapping.ts";
import { functionArn, type LambdaState } from "../state.ts";

const input = v.looseObject({
  ...namedMapping.entries,
  FunctionName: v.optional(v.string()),
  Enabled: v.optional(flag),
});

/** Members that only the creation of a mapping takes (documented). */
const FIXED = ["EventSourceArn", "StartingPosition", "StartingPositionTimestamp"];

export const updateEventSourceMapping: Action<LambdaState, v.InferOutput<typeof input>, unknown> = {
  input,
  resources: namedMappingArn,
  run: async ({ UUID, FunctionName, Enabled, ...given }, { cloud, state: { mappings } }) => {
    const fixed = FIXED.find((name) => name in given);
    if (fixed !== undefined) throw invalidParameter(`${fixed} cannot be changed; create another mapping`);
    const updated = await mappings.update(mappings.find(UUID), {
      ...(FunctionName !== undefined && { functionArn: functionArn(cloud, FunctionName) }),
      ...(Enabled !== undefined && { enabled: Enabled }),
      given,
    });
    return mappingConfiguration(updated, { cloud, mappings }, "Updating");
  },
};
