import type { Cloud } from "../cloud.ts";
import type { Collection } from "../documents.ts";

interface Greeting {
  readonly name: string;
  readonly text: string;
  readonly createdAtMs: number;
}

/** What the actions and the resource types share. Collections survive a restart. */
export interface HelloState {
  readonly greetings: Collection<Greeting>;
}

export const openState = (cloud: Cloud): HelloState => ({
  greetings: cloud.documents.collection("hello/greetings"),
});

export const greetingArn = (cloud: Cloud, name: string): string => cloud.arn("hello", `greeting/${name}`);
