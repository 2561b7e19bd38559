import type { ResourceType } from "./resource.ts";

/** Resource types that change nothing on one machine: they are accepted whole and do nothing. */
const TYPES = [
  "AWS::CloudWatch::Alarm",
  "AWS::CloudWatch::Dashboard",
  "AWS::EC2::Instance",
  "AWS::EC2::LaunchTemplate",
  "AWS::EC2::SecurityGroup",
  "AWS::IAM::InstanceProfile",
  "AWS::Logs::LogGroup",
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
        // Every attribute that a template asks of one of them.
        attributes: {
          Arn: `arn:aws:local:::${generatedName}`,
          GroupId: generatedName,
          LatestVersionNumber: "1",
        },
      }),
    } satisfies ResourceType,
  ]),
);
