/** Points the SDK at the local cloud as an operator's shell would; returns what puts the environment back. */
export function useCloud(endpoint: string): () => void {
  const before = process.env;
  process.env = {
    ...before,
    AWS_ENDPOINT_URL: endpoint,
    AWS_REGION: "us-east-1",
    AWS_ACCESS_KEY_ID: "owner",
    AWS_SECRET_ACCESS_KEY: "owner",
  };
  return () => void (process.env = before);
}

/** A Kinesis video stream that keeps a day, as a resource of a template. */
export const keptStream = (name: string) => ({
  Type: "AWS::KinesisVideo::Stream",
  Properties: { Name: name, DataRetentionInHours: 24 },
});
