import { thingsTable } from "./template-parts.ts";

/** A bucket with versions and one without, a table, a queue, and a topic with two queues. */
export const killedStack = {
  Resources: {
    Plain: { Type: "AWS::S3::Bucket", Properties: { BucketName: "plain" } },
    Versioned: {
      Type: "AWS::S3::Bucket",
      Properties: { BucketName: "versioned", VersioningConfiguration: { Status: "Enabled" } },
    },
    Table: thingsTable,
    Jobs: { Type: "AWS::SQS::Queue", Properties: { QueueName: "jobs" } },
    News: { Type: "AWS::SNS::Topic", Properties: { TopicName: "news" } },
    ...Object.fromEntries(
      ["one", "other"].flatMap((name) => [
        [`Queue${name}`, { Type: "AWS::SQS::Queue", Properties: { QueueName: name } }],
        [
          `Subscription${name}`,
          {
            Type: "AWS::SNS::Subscription",
            Properties: {
              TopicArn: { Ref: "News" },
              Protocol: "sqs",
              Endpoint: { "Fn::GetAtt": [`Queue${name}`, "Arn"] },
              RawMessageDelivery: true,
            },
          },
        ],
      ]),
    ),
  },
};
