/** A stream `watched`, and a role `Reader` that may call one action on it, and on no other stream. */
export const readerTemplate = (action: string) => ({
  Resources: {
    Watched: { Type: "AWS::KinesisVideo::Stream", Properties: { Name: "watched", DataRetentionInHours: 24 } },
    Reader: {
      Type: "AWS::IAM::Role",
      Properties: {
        AssumeRolePolicyDocument: {
          Statement: [
            { Effect: "Allow", Principal: { Service: "lambda.amazonaws.com" }, Action: "sts:AssumeRole" },
          ],
        },
        Policies: [
          {
            PolicyName: "read",
            PolicyDocument: {
              Statement: [
                { Effect: "Allow", Action: action, Resource: { "Fn::GetAtt": ["Watched", "Arn"] } },
              ],
            },
          },
        ],
      },
    },
  },
});
