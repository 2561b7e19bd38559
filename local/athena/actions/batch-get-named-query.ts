import * as v from "valibot";
import type { Action } from "../../api/action.ts";
import { describeNamedQuery } from "../named-queries.ts";
import type { AthenaState } from "../state.ts";

/** Documented: Athena API, BatchGetNamedQuery. */
const MAX_IDS = 50;

const input = v.strictObject({
  NamedQueryIds: v.pipe(v.array(v.string()), v.minLength(1), v.maxLength(MAX_IDS)),
});

/** Returns saved queries by id, and the ids that do not exist (documented). */
export const batchGetNamedQuery: Action<AthenaState, v.InferOutput<typeof input>, unknown> = {
  input,
  resources: ({ NamedQueryIds }, { state }) => [
    ...new Set(NamedQueryIds.map((id) => state.arnOfNamedQuery(id))),
  ],
  run: ({ NamedQueryIds }, { state: { namedQueries } }) => ({
    NamedQueries: NamedQueryIds.flatMap((id) => namedQueries.get(id) ?? []).map(describeNamedQuery),
    UnprocessedNamedQueryIds: NamedQueryIds.filter((id) => !namedQueries.get(id)).map((id) => ({
      NamedQueryId: id,
      ErrorCode: "INVALID_INPUT",
      ErrorMessage: `NamedQuery ${id} was not found`,
    })),
  }),
};
