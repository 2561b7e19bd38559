import type * as v from "valibot";
import type { Action } from "../../api/action.ts";
import { mappingConfiguration } from "../event-source-mappings.ts";
import { mappingRequest } from "../event-source-mapping.ts";
import { functionArn, type LambdaState } from "../state.ts";

/** The permission has no resource, and the function as a condition key (documented: Service Authorization Reference). */
export const createEventSourceMapping: Action<LambdaState, v.InferOutput<typeof mappingRequest>, unknown> = {
  input: mappingRequest,
  resources: () => [],
  run: async ({ EventSourceArn, FunctionName, Enabled, ...given }, { cloud, state, caller }) => {
    const arn = functionArn(cloud, FunctionName);
    cloud.access.authorise(caller, "lambda:CreateEventSourceMapping", "*", { "lambda:FunctionArn": [arn] });
    const { mappings } = state;
    const settings = { functionArn: arn, sourceArn: EventSourceArn, enabled: Enabled, given };
    return mappingConfiguration(await mappings.create(settings), { cloud, mappings }, "Creating");
  },
};
