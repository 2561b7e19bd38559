import {
  CreateStreamCommand,
  DescribeStreamCommand,
  type KinesisVideoClient,
} from "@aws-sdk/client-kinesis-video";
import {
  CreateStreamProcessorCommand,
  DescribeStreamProcessorCommand,
  type RekognitionClient,
} from "@aws-sdk/client-rekognition";

/** What a camera's video needs on AWS. */
export interface CameraVideo {
  readonly streamName: string;
  readonly processorName: string;
  readonly retentionHours: number;
  readonly roleArn: string;
  readonly topicArn: string;
  readonly evidenceBucketName: string;
  /** Kept on the processor and told in each of its notifications. */
  readonly tags: Readonly<Record<string, string>>;
}

/** Makes the camera's stream unless it is there; returns its ARN. */
export async function ensureStream(
  { streamName, retentionHours }: CameraVideo,
  client: KinesisVideoClient,
): Promise<string> {
  try {
    const { StreamARN } = await client.send(
      new CreateStreamCommand({
        StreamName: streamName,
        DataRetentionInHours: retentionHours,
        MediaType: "video/h264",
      }),
    );
    return StreamARN!;
  } catch (error) {
    if (!(error instanceof Error) || error.name !== "ResourceInUseException") throw error;
    const { StreamInfo } = await client.send(new DescribeStreamCommand({ StreamName: streamName }));
    return StreamInfo!.StreamARN!;
  }
}

/** Makes the camera's label processor on the stream unless it is there. */
export async function ensureLabelProcessor(
  video: CameraVideo,
  streamArn: string,
  client: RekognitionClient,
): Promise<void> {
  try {
    await client.send(new DescribeStreamProcessorCommand({ Name: video.processorName }));
    return;
  } catch (error) {
    if (!(error instanceof Error) || error.name !== "ResourceNotFoundException") throw error;
  }
  await client.send(
    new CreateStreamProcessorCommand({
      Name: video.processorName,
      Input: { KinesisVideoStream: { Arn: streamArn } },
      Output: { S3Destination: { Bucket: video.evidenceBucketName, KeyPrefix: "evidence" } },
      NotificationChannel: { SNSTopicArn: video.topicArn },
      RoleArn: video.roleArn,
      Settings: { ConnectedHome: { Labels: ["PERSON", "PET", "PACKAGE"], MinConfidence: 50 } },
      Tags: { ...video.tags },
    }),
  );
}
