import type { ResourceType } from "./resource.ts";

/** Resource types without an effect on one machine: they are accepted with any properties and ignored. */
const TYPES = [
  "AWS::Budgets::Budget",
  "AWS::CloudWatch::Alarm",
  "AWS::CloudWatch::Dashboard",
  "AWS::EC2::Instance",
  "AWS::EC2::LaunchTemplate",
  "AWS::EC2::SecurityGroup",
  "AWS::IAM::InstanceProfile",
  "AWS::Logs::MetricFilter",
] as const;

const EVERY_PROPERTY: readonly string[] = Object.assign([], { includes: () => true });

export const withoutLocalMeaning: Readonly<Record<string, ResourceType>> = Object.fromEntries(
  TYPES.map((type) => [
    type,
    {
      properties: EVERY_PROPERTY,
      create: ({ generatedName }) => ({
        ref: generatedName,
        // Every attribute that a template may read.
        attributes: {
          Arn: `arn:aws:local:::${generatedName}`,
          GroupId: generatedName,
          LatestVersionNumber: "1",
        },
      }),
    } satisfies ResourceType,
  ]),
);
