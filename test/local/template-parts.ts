/** CloudFormation resources that several tests need. */

/** A table with the string key `id`. */
export const thingsTable = {
  Type: "AWS::DynamoDB::Table",
  Properties: {
    TableName: "things",
    AttributeDefinitions: [{ AttributeName: "id", AttributeType: "S" }],
    KeySchema: [{ AttributeName: "id", KeyType: "HASH" }],
    BillingMode: "PAY_PER_REQUEST",
  },
};

/** Lets a service send messages to a queue of the template. */
export const allowSendMessage = (queue: string, service: string) => ({
  Type: "AWS::SQS::QueuePolicy",
  Properties: {
    Queues: [{ Ref: queue }],
    PolicyDocument: {
      Statement: {
        Effect: "Allow",
        Principal: { Service: service },
        Action: "sqs:SendMessage",
        Resource: { "Fn::GetAtt": [queue, "Arn"] },
      },
    },
  },
});

/** A role of that name that the account's owner assumes, and that allows actions on every resource. */
export const ownersRole = (RoleName: string, Action: readonly string[]) => ({
  Type: "AWS::IAM::Role",
  Properties: {
    RoleName,
    AssumeRolePolicyDocument: {
      Statement: {
        Effect: "Allow",
        Principal: { AWS: "arn:aws:iam::000000000000:root" },
        Action: "sts:AssumeRole",
      },
    },
    Policies: [
      { PolicyName: "allowed", PolicyDocument: { Statement: { Effect: "Allow", Action, Resource: "*" } } },
    ],
  },
});
