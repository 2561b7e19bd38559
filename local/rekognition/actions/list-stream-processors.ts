import * as v from "valibot";
import type { Action } from "../../api/action.ts";
import { invalidPaginationToken } from "../errors.ts";
import { members, processorName, wholeNumberIn } from "../inputs.ts";
import type { RekognitionState } from "../state.ts";

const input = members({
  NextToken: v.optional(v.pipe(v.string(), v.maxLength(1024, "expected at most 1024 characters"))),
  MaxResults: v.optional(wholeNumberIn(1, 1000), 1000),
});

/** Ordered by name. `NextToken` is the encoded name of the previous page's last processor. */
export const listStreamProcessors: Action<RekognitionState, v.InferOutput<typeof input>, object> = {
  input,
  resources: () => "*",
  run: ({ NextToken, MaxResults }, { state }) => {
    const after = NextToken === undefined ? undefined : nameIn(NextToken);
    const rest = state.processors
      .list()
      .filter(({ definition }) => after === undefined || definition.Name > after);
    const page = rest.slice(0, MaxResults);
    return {
      StreamProcessors: page.map(({ definition, status }) => ({ Name: definition.Name, Status: status })),
      NextToken: rest.length > page.length ? tokenOf(page.at(-1)!.definition.Name) : undefined,
    };
  },
};

const tokenOf = (name: string): string => Buffer.from(name).toString("base64url");

function nameIn(token: string): string {
  const name = Buffer.from(token, "base64url").toString("utf8");
  if (!v.is(processorName, name) || tokenOf(name) !== token) throw invalidPaginationToken();
  return name;
}
