import * as v from "valibot";
import { SECOND_MS } from "../../../base/durations.ts";
import type { Action } from "../../api/action.ts";
import type { AthenaState } from "../state.ts";
import { engineVersionOf } from "../work-groups.ts";

const input = v.strictObject({ WorkGroup: v.string() });

export const getWorkGroup: Action<AthenaState, v.InferOutput<typeof input>, unknown> = {
  input,
  resources: ({ WorkGroup }, { state }) => state.arnOfWorkGroup(WorkGroup),
  run: ({ WorkGroup }, { state: athena }) => {
    const { name, state, description, createdAtMs, configuration } = athena.workGroup(WorkGroup);
    return {
      WorkGroup: {
        Name: name,
        State: state,
        Description: description,
        CreationTime: createdAtMs / SECOND_MS,
        Configuration: { ...configuration, EngineVersion: engineVersionOf(configuration) },
      },
    };
  },
};
