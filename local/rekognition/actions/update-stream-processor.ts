import * as v from "valibot";
import type { Action } from "../../api/action.ts";
import { invalidParameter, resourceInUse } from "../errors.ts";
import {
  dataSharing,
  labels,
  members,
  minConfidence,
  processorName,
  regionsOfInterest,
  type LabelDefinition,
} from "../inputs.ts";
import { isBusy, isFaceProcessor } from "../processors.ts";
import type { RekognitionState } from "../state.ts";

const input = members({
  Name: processorName,
  SettingsForUpdate: v.optional(
    members({
      ConnectedHomeForUpdate: v.optional(
        members({ Labels: v.optional(labels), MinConfidence: minConfidence }),
      ),
    }),
  ),
  RegionsOfInterestForUpdate: v.optional(regionsOfInterest),
  DataSharingPreferenceForUpdate: v.optional(dataSharing),
  ParametersToDelete: v.optional(v.array(v.picklist(["ConnectedHomeMinConfidence", "RegionsOfInterest"]))),
});
type Input = v.InferOutput<typeof input>;

/** Changes labels, confidence, regions or data sharing of a processor without a running session. */
export const updateStreamProcessor: Action<RekognitionState, Input, object> = {
  input,
  resources: ({ Name }, { state }) => state.processors.arnOf(Name),
  run: (update, { state: { processors } }) => {
    const processor = processors.get(update.Name);
    if (isFaceProcessor(processor))
      throw invalidParameter(
        "only label processors can be updated; delete a face search processor and create it again",
      );
    if (isBusy(processor)) throw resourceInUse();
    processors.change(update.Name, { definition: updated(processor.definition as LabelDefinition, update) });
    return {};
  },
};

/** @throws AwsError for a parameter that is both set and deleted, which AWS does not document */
function updated(definition: LabelDefinition, update: Input): LabelDefinition {
  const home = update.SettingsForUpdate?.ConnectedHomeForUpdate;
  const changed = {
    ConnectedHomeMinConfidence: home?.MinConfidence,
    RegionsOfInterest: update.RegionsOfInterestForUpdate,
  };
  const deleted = update.ParametersToDelete ?? [];
  const both = deleted.find((parameter) => changed[parameter] !== undefined);
  if (both) throw invalidParameter(`ParametersToDelete: ${both} is also given a new value; do one.`);
  const before = definition.Settings.ConnectedHome;
  return {
    ...definition,
    Settings: {
      ConnectedHome: {
        Labels: home?.Labels ?? before.Labels,
        MinConfidence: deleted.includes("ConnectedHomeMinConfidence")
          ? undefined
          : (home?.MinConfidence ?? before.MinConfidence),
      },
    },
    RegionsOfInterest: deleted.includes("RegionsOfInterest")
      ? undefined
      : (update.RegionsOfInterestForUpdate ?? definition.RegionsOfInterest),
    DataSharingPreference: update.DataSharingPreferenceForUpdate ?? definition.DataSharingPreference,
  };
}
