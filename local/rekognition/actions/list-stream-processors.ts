import * as v from "valibot";
import type { Action } from "../../api/action.ts";
import { AwsError } from "../../errors.ts";
import type { RekognitionState } from "../index.ts";
import { listInput, processorName } from "../input.ts";

type ListInput = v.InferOutput<typeof listInput>;

/** Ordered by name. `NextToken` is the last name of the page before, encoded. */
export const listStreamProcessors: Action<RekognitionState, ListInput, object> = {
  input: listInput,
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
  if (!v.is(processorName, name) || tokenOf(name) !== token)
    throw new AwsError(
      "InvalidPaginationTokenException",
      "NextToken is none that ListStreamProcessors gave; leave it out to start from the beginning.",
    );
  return name;
}
