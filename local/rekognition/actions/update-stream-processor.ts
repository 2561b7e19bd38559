import type { Action } from "../../api/action.ts";
import { AwsError } from "../../errors.ts";
import type { RekognitionState } from "../index.ts";
import { updateInput, type CreateInput, type UpdateInput } from "../input.ts";
import { isBusy } from "../processors.ts";

/** Changes labels, confidence, regions or data sharing of a processor that does not run. */
export const updateStreamProcessor: Action<RekognitionState, UpdateInput, object> = {
  input: updateInput,
  resources: ({ Name }, { state }) => state.processors.arnOf(Name),
  run: (update, { state: { processors } }) => {
    const processor = processors.get(update.Name);
    if (isBusy(processor)) throw new AwsError("ResourceInUseException", "Specified resource is in use.");
    processors.change(update.Name, { definition: updated(processor.definition, update) });
    return {};
  },
};

/** @throws AwsError for a parameter that is both set and deleted, which AWS does not document */
function updated(definition: CreateInput, update: UpdateInput): CreateInput {
  const home = update.SettingsForUpdate?.ConnectedHomeForUpdate;
  const changed = {
    ConnectedHomeMinConfidence: home?.MinConfidence,
    RegionsOfInterest: update.RegionsOfInterestForUpdate,
  };
  const deleted = update.ParametersToDelete ?? [];
  const both = deleted.find((parameter) => changed[parameter] !== undefined);
  if (both)
    throw new AwsError(
      "InvalidParameterException",
      `ParametersToDelete: ${both} is also given a new value; do one.`,
    );
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
