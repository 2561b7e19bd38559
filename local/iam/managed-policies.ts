import type { Policy } from "./policy.ts";

type Statement = Policy["Statement"];

const allow = (...actions: string[]): Statement => ({ Effect: "Allow", Action: actions, Resource: "*" });

/**
 * AWS managed policies that can be attached to a role, by the path and name in their ARN, with their statements
 * (documented: AWS Managed Policy Reference). `AmazonRekognitionServiceRole` publishes to topics and data streams whose
 * names start with `AmazonRekognition` alone, and writes no object.
 */
const AWS_MANAGED: Readonly<Record<string, Statement>> = {
  "service-role/AmazonRekognitionServiceRole": [
    { Effect: "Allow", Action: ["sns:Publish"], Resource: "arn:aws:sns:*:*:AmazonRekognition*" },
    {
      Effect: "Allow",
      Action: ["kinesis:PutRecord", "kinesis:PutRecords"],
      Resource: "arn:aws:kinesis:*:*:stream/AmazonRekognition*",
    },
    { Effect: "Allow", Action: ["kinesisvideo:GetDataEndpoint", "kinesisvideo:GetMedia"], Resource: "*" },
  ],
  "service-role/AWSLambdaBasicExecutionRole": allow(
    "logs:CreateLogGroup",
    "logs:CreateLogStream",
    "logs:PutLogEvents",
  ),
  "service-role/AWSLambdaKinesisExecutionRole": allow(
    "kinesis:DescribeStream",
    "kinesis:DescribeStreamSummary",
    "kinesis:GetRecords",
    "kinesis:GetShardIterator",
    "kinesis:ListShards",
    "kinesis:ListStreams",
    "kinesis:SubscribeToShard",
    "logs:CreateLogGroup",
    "logs:CreateLogStream",
    "logs:PutLogEvents",
  ),
  AdministratorAccess: allow("*"),
  AmazonKinesisFullAccess: allow("kinesis:*"),
  AmazonKinesisReadOnlyAccess: allow("kinesis:Get*", "kinesis:List*", "kinesis:Describe*"),
  AmazonKinesisVideoStreamsFullAccess: allow("kinesisvideo:*"),
  AmazonKinesisVideoStreamsReadOnlyAccess: allow(
    "kinesisvideo:Describe*",
    "kinesisvideo:Get*",
    "kinesisvideo:List*",
  ),
  AmazonRekognitionFullAccess: allow("rekognition:*"),
  AmazonS3FullAccess: allow("s3:*", "s3-object-lambda:*"),
  AmazonS3ReadOnlyAccess: allow(
    "s3:Get*",
    "s3:List*",
    "s3:Describe*",
    "s3-object-lambda:Get*",
    "s3-object-lambda:List*",
  ),
  AmazonSNSFullAccess: allow("sns:*"),
};

export const AWS_MANAGED_POLICIES: readonly string[] = Object.keys(AWS_MANAGED);

/** An AWS managed policy, `arn:<partition>:iam::aws:policy/<path and name>`; undefined for one that is not emulated. */
export function awsManagedPolicy(arn: string): Policy | undefined {
  const [, name] = /^arn:[^:]+:iam::aws:policy\/(.+)$/.exec(arn) ?? [];
  if (name === undefined || !Object.hasOwn(AWS_MANAGED, name)) return undefined;
  return { Version: "2012-10-17", Statement: AWS_MANAGED[name]! };
}
