import type { CompiledTemplate } from "./template.ts";

/** The property with a resource's name, and the name's length and characters (documented: each service's API reference). */
interface NameRule {
  readonly property: string;
  readonly maxLength: number;
  readonly pattern: RegExp;
}

const NAMES: Readonly<Record<string, NameRule>> = {
  "AWS::ApiGatewayV2::Api": { property: "Name", maxLength: 128, pattern: /^.+$/ },
  "AWS::Athena::WorkGroup": { property: "Name", maxLength: 128, pattern: /^[a-zA-Z0-9._-]+$/ },
  "AWS::CloudWatch::Alarm": { property: "AlarmName", maxLength: 255, pattern: /^[\x20-\x7e]+$/ },
  "AWS::CloudWatch::Dashboard": { property: "DashboardName", maxLength: 255, pattern: /^[\w-]+$/ },
  "AWS::Events::EventBus": { property: "Name", maxLength: 256, pattern: /^[.\-_A-Za-z0-9]+$/ },
  "AWS::Events::Rule": { property: "Name", maxLength: 64, pattern: /^[.\-_A-Za-z0-9]+$/ },
  "AWS::IAM::Role": { property: "RoleName", maxLength: 64, pattern: /^[\w+=,.@-]+$/ },
  "AWS::KinesisFirehose::DeliveryStream": {
    property: "DeliveryStreamName",
    maxLength: 64,
    pattern: /^[\w.-]+$/,
  },
  "AWS::Lambda::Function": { property: "FunctionName", maxLength: 64, pattern: /^[\w-]+$/ },
  "AWS::Logs::LogGroup": { property: "LogGroupName", maxLength: 512, pattern: /^[\w./#-]+$/ },
  "AWS::Rekognition::Collection": { property: "CollectionId", maxLength: 255, pattern: /^[\w.-]+$/ },
  "AWS::S3::Bucket": { property: "BucketName", maxLength: 63, pattern: /^[a-z0-9.-]+$/ },
  "AWS::SNS::Topic": { property: "TopicName", maxLength: 256, pattern: /^[\w-]+(\.fifo)?$/ },
  "AWS::SQS::Queue": { property: "QueueName", maxLength: 80, pattern: /^[\w-]+(\.fifo)?$/ },
};

/** A name in the template. */
interface GivenName {
  readonly logicalId: string;
  readonly type: string;
  readonly name: string;
  readonly maxLength: number;
  readonly fits: boolean;
}

/** Every name in the template, with whether its service accepts it. */
export const givenNames = ({ Resources }: CompiledTemplate): GivenName[] =>
  Object.entries(Resources).flatMap(([logicalId, { Type: type, Properties = {} }]) => {
    const rule = Object.hasOwn(NAMES, type) ? NAMES[type]! : undefined;
    const name = rule && Properties[rule.property];
    if (!rule || typeof name !== "string") return [];
    const { maxLength, pattern } = rule;
    return [{ logicalId, type, name, maxLength, fits: name.length <= maxLength && pattern.test(name) }];
  });

/** Names that their services would refuse, before anything is created. */
export const nameProblems = (template: CompiledTemplate): string[] =>
  givenNames(template)
    .filter(({ fits }) => !fits)
    .map(
      ({ logicalId, type, name, maxLength }) =>
        `${logicalId} (${type}) would be named ${name}, of ${name.length} characters, which does not fit; ` +
        `at most ${maxLength} characters are allowed`,
    );
