import * as v from "valibot";
import type { Action } from "../../api/action.ts";
import { describeNamedQuery } from "../named-queries.ts";
import type { AthenaState } from "../state.ts";

const input = v.strictObject({ NamedQueryId: v.string() });

export const getNamedQuery: Action<AthenaState, v.InferOutput<typeof input>, unknown> = {
  input,
  resources: ({ NamedQueryId }, { state }) => state.arnOfNamedQuery(NamedQueryId),
  run: ({ NamedQueryId }, { state }) => ({ NamedQuery: describeNamedQuery(state.namedQuery(NamedQueryId)) }),
};
