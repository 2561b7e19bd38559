import type { ResourceType } from "./resource.ts";

/** Resource types that change nothing on one machine: they are accepted whole and do nothing. */
const TYPES = ["AWS::Logs::LogGroup"] as const;

const EVERY_PROPERTY: readonly string[] = Object.assign([], { includes: () => true });

export const withoutLocalMeaning: Readonly<Record<string, ResourceType>> = Object.fromEntries(
  TYPES.map((type) => [
    type,
    {
      properties: EVERY_PROPERTY,
      make: ({ generatedName }) => ({
        ref: generatedName,
        attributes: { Arn: `arn:aws:local:::${generatedName}` },
      }),
    } satisfies ResourceType,
  ]),
);
