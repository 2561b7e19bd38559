import * as v from "valibot";
import type { Action } from "../../api/action.ts";
import { greetingArn, type HelloState } from "../state.ts";

export const putGreeting: Action<HelloState, { Name: string; Text: string }, unknown> = {
  input: v.object({ Name: v.pipe(v.string(), v.minLength(1)), Text: v.string() }),
  resources: ({ Name }, { cloud }) => greetingArn(cloud, Name),
  run: ({ Name, Text }, { cloud, state }) => {
    state.greetings.put(Name, { name: Name, text: Text, createdAtMs: cloud.clock.now() });
    cloud.events.emit("hello", "greeting-put", { name: Name });
    return { Arn: greetingArn(cloud, Name) };
  },
};
