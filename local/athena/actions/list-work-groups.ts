import * as v from "valibot";
import { SECOND_MS } from "../../../base/durations.ts";
import type { Action } from "../../api/action.ts";
import { page } from "../../api/page.ts";
import { INVALID_REQUEST } from "../errors.ts";
import { MAX_PAGE_SIZE, pageEntries } from "../inputs.ts";
import type { AthenaState } from "../state.ts";
import { engineVersionOf } from "../work-groups.ts";

const input = v.strictObject(pageEntries(1));

export const listWorkGroups: Action<AthenaState, v.InferOutput<typeof input>, unknown> = {
  input,
  resources: () => "*",
  run: (request, { state: { workGroups } }) => {
    const { items, NextToken } = page(workGroups.list(), request, MAX_PAGE_SIZE, INVALID_REQUEST);
    return {
      WorkGroups: items.map(({ name, state, description, createdAtMs, configuration }) => ({
        Name: name,
        State: state,
        Description: description,
        CreationTime: createdAtMs / SECOND_MS,
        EngineVersion: engineVersionOf(configuration),
      })),
      NextToken,
    };
  },
};
