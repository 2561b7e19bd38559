import * as v from "valibot";
import type { Action } from "../../api/action.ts";
import type { AthenaState } from "../index.ts";
import { describeNamedQuery } from "../named-query.ts";

/** Documented: Athena API, BatchGetNamedQuery. */
const MAX_IDS = 50;

const input = v.strictObject({
  NamedQueryIds: v.pipe(v.array(v.string()), v.minLength(1), v.maxLength(MAX_IDS)),
});

/** Saved queries by id; those that there are not are named beside the others (documented). */
export const batchGetNamedQuery: Action<AthenaState, v.InferOutput<typeof input>, unknown> = {
  input,
  resources: ({ NamedQueryIds }, { state }) => [
    ...new Set(NamedQueryIds.map((id) => state.store.arnOfNamedQuery(id))),
  ],
  run: ({ NamedQueryIds }, { state: { store } }) => {
    const found = NamedQueryIds.flatMap((id) => store.namedQueries.get(id) ?? []);
    const missing = NamedQueryIds.filter((id) => !store.namedQueries.get(id));
    return {
      NamedQueries: found.map(describeNamedQuery),
      UnprocessedNamedQueryIds: missing.map((id) => ({
        NamedQueryId: id,
        ErrorCode: "INVALID_INPUT",
        ErrorMessage: `NamedQuery ${id} was not found`,
      })),
    };
  },
};
