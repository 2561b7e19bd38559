/** A stack with everything that a stream processor needs, and roles that each lack one permission. */

export const STREAM_ARN = "arn:aws:kinesisvideo:us-east-1:000000000000:stream/front-door/1763700000000";
export const TOPIC_ARN = "arn:aws:sns:us-east-1:000000000000:detections";
export const roleArn = (name: string) => `arn:aws:iam::000000000000:role/${name}`;

const READ_VIDEO = {
  Effect: "Allow",
  Action: ["kinesisvideo:GetDataEndpoint", "kinesisvideo:GetMedia"],
  Resource: "arn:aws:kinesisvideo:us-east-1:000000000000:stream/*",
};
const WRITE_EVIDENCE = { Effect: "Allow", Action: "s3:PutObject", Resource: "arn:aws:s3:::evidence/*" };
const PUBLISH = { Effect: "Allow", Action: "sns:Publish", Resource: TOPIC_ARN };

const role = (RoleName: string, Statement: readonly object[], trusted = "streamprocessor/*") => ({
  Type: "AWS::IAM::Role",
  Properties: {
    RoleName,
    AssumeRolePolicyDocument: {
      Statement: {
        Effect: "Allow",
        Principal: { Service: "rekognition.amazonaws.com" },
        Action: "sts:AssumeRole",
        Condition: {
          StringLike: { "aws:SourceArn": `arn:aws:rekognition:us-east-1:000000000000:${trusted}` },
        },
      },
    },
    Policies: [{ PolicyName: "video", PolicyDocument: { Statement } }],
  },
});

export const template = {
  Resources: {
    Evidence: { Type: "AWS::S3::Bucket", Properties: { BucketName: "evidence" } },
    Topic: { Type: "AWS::SNS::Topic", Properties: { TopicName: "detections" } },
    Queue: { Type: "AWS::SQS::Queue", Properties: { QueueName: "detections" } },
    Subscription: {
      Type: "AWS::SNS::Subscription",
      Properties: {
        TopicArn: { Ref: "Topic" },
        Protocol: "sqs",
        Endpoint: { "Fn::GetAtt": ["Queue", "Arn"] },
      },
    },
    Full: role("full", [READ_VIDEO, WRITE_EVIDENCE, PUBLISH]),
    NoVideo: role("no-video", [WRITE_EVIDENCE, PUBLISH]),
    NoEvidence: role("no-evidence", [READ_VIDEO, PUBLISH]),
    NoTopic: role("no-topic", [READ_VIDEO, WRITE_EVIDENCE]),
    OtherTrust: role("other-trust", [READ_VIDEO, WRITE_EVIDENCE, PUBLISH], "streamprocessor/another"),
  },
};

/** A CreateStreamProcessor request with everything it needs. */
export const processor = (Name = "front-door") => ({
  Name,
  Input: { KinesisVideoStream: { Arn: STREAM_ARN } },
  Output: { S3Destination: { Bucket: "evidence", KeyPrefix: "labels" } },
  NotificationChannel: { SNSTopicArn: TOPIC_ARN },
  RoleArn: roleArn("full"),
  Settings: { ConnectedHome: { Labels: ["ALL"] } },
});
