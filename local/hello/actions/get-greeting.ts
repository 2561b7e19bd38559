import * as v from "valibot";
import type { Action } from "../../api/action.ts";
import { greetingNotFound } from "../errors.ts";
import { greetingArn, type HelloState } from "../state.ts";

export const getGreeting: Action<HelloState, { Name: string }, unknown> = {
  input: v.object({ Name: v.pipe(v.string(), v.minLength(1)) }),
  resources: ({ Name }, { cloud }) => greetingArn(cloud, Name),
  run: ({ Name }, { state }) => {
    const greeting = state.greetings.get(Name);
    if (!greeting) throw greetingNotFound(Name);
    return { Name, Text: greeting.text, CreatedAt: greeting.createdAtMs / 1000 };
  },
};
