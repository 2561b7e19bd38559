import * as v from "valibot";
import type { Action } from "../../api/action.ts";
import type { AthenaState } from "../index.ts";
import { describeNamedQuery } from "../named-query.ts";

const input = v.strictObject({ NamedQueryId: v.string() });

export const getNamedQuery: Action<AthenaState, v.InferOutput<typeof input>, unknown> = {
  input,
  resources: ({ NamedQueryId }, { state }) => state.store.arnOfNamedQuery(NamedQueryId),
  run: ({ NamedQueryId }, { state }) => ({
    NamedQuery: describeNamedQuery(state.store.namedQuery(NamedQueryId)),
  }),
};
