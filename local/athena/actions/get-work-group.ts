import * as v from "valibot";
import type { Action } from "../../api/action.ts";
import type { AthenaState } from "../index.ts";
import { engineVersionOf } from "../work-groups.ts";

const MILLISECONDS_PER_SECOND = 1000;

const input = v.strictObject({ WorkGroup: v.string() });

export const getWorkGroup: Action<AthenaState, v.InferOutput<typeof input>, unknown> = {
  input,
  resources: ({ WorkGroup }, { state }) => state.store.arnOfWorkGroup(WorkGroup),
  run: ({ WorkGroup }, { state: { store } }) => {
    const { name, state, description, createdAtMs, configuration } = store.workGroup(WorkGroup);
    return {
      WorkGroup: {
        Name: name,
        State: state,
        Description: description,
        CreationTime: createdAtMs / MILLISECONDS_PER_SECOND,
        Configuration: { ...configuration, EngineVersion: engineVersionOf(configuration) },
      },
    };
  },
};
