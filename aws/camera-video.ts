import { setTimeout as sleep } from "node:timers/promises";
import {
  CreateStreamCommand,
  DeleteStreamCommand,
  DescribeStreamCommand,
  type KinesisVideoClient,
} from "@aws-sdk/client-kinesis-video";
import {
  CreateStreamProcessorCommand,
  DeleteStreamProcessorCommand,
  DescribeStreamProcessorCommand,
  StopStreamProcessorCommand,
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

const POLL_INTERVAL_MS = 1000;
/** A stream becomes active within seconds. */
const ACTIVE_WITHIN_MS = 120_000;
/** A label session lasts at most 120 s (documented: StartStreamProcessor) and then needs a moment to end. */
const STOPPED_WITHIN_MS = 180_000;

/** Makes the camera's stream unless it is there, and waits until it takes video. */
export async function ensureStream(
  { streamName, retentionHours }: CameraVideo,
  client: KinesisVideoClient,
): Promise<{ arn: string; isNew: boolean }> {
  const isNew = await client
    .send(
      new CreateStreamCommand({
        StreamName: streamName,
        DataRetentionInHours: retentionHours,
        MediaType: "video/h264",
      }),
    )
    .then(
      () => true,
      (error: unknown) => unless(error, "ResourceInUseException", false),
    );
  for (let waitedMs = 0; waitedMs < ACTIVE_WITHIN_MS; waitedMs += POLL_INTERVAL_MS) {
    const { StreamInfo } = await client.send(new DescribeStreamCommand({ StreamName: streamName }));
    if (StreamInfo?.Status === "ACTIVE") return { arn: StreamInfo.StreamARN!, isNew };
    await sleep(POLL_INTERVAL_MS);
  }
  throw new Error(`the stream ${streamName} is not active after ${ACTIVE_WITHIN_MS / 1000} s`);
}

/** Removes the stream with its video; none is fine. */
export async function removeStream(streamName: string, client: KinesisVideoClient): Promise<void> {
  try {
    const { StreamInfo } = await client.send(new DescribeStreamCommand({ StreamName: streamName }));
    await client.send(new DeleteStreamCommand({ StreamARN: StreamInfo!.StreamARN }));
  } catch (error) {
    unless(error, "ResourceNotFoundException", undefined);
  }
}

/** Makes the camera's label processor on the stream unless it is there. @returns whether it was made */
export async function ensureLabelProcessor(
  video: CameraVideo,
  streamArn: string,
  client: RekognitionClient,
): Promise<boolean> {
  if (await processorState(video.processorName, client)) return false;
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
  return true;
}

/** How a processor is; `reason` says why it failed. Undefined when there is none. */
export async function processorState(
  processorName: string,
  client: RekognitionClient,
): Promise<{ status: string; reason: string | undefined } | undefined> {
  try {
    const found = await client.send(new DescribeStreamProcessorCommand({ Name: processorName }));
    return { status: found.Status ?? "UNKNOWN", reason: found.StatusMessage };
  } catch (error) {
    return unless(error, "ResourceNotFoundException", undefined);
  }
}

/**
 * Removes the processor; none is fine. One that runs is told to stop, which for a label session is not documented to
 * work, and otherwise ends by itself.
 * @throws Error when it still runs after three minutes
 */
export async function removeProcessor(processorName: string, client: RekognitionClient): Promise<void> {
  let isTold = false;
  for (let waitedMs = 0; waitedMs < STOPPED_WITHIN_MS; waitedMs += POLL_INTERVAL_MS) {
    try {
      await client.send(new DeleteStreamProcessorCommand({ Name: processorName }));
      return;
    } catch (error) {
      if (error instanceof Error && error.name === "ResourceNotFoundException") return;
      unless(error, "ResourceInUseException", undefined);
    }
    if (!isTold)
      await client
        .send(new StopStreamProcessorCommand({ Name: processorName }))
        .then(() => (isTold = true))
        .catch(() => {});
    await sleep(POLL_INTERVAL_MS);
  }
  throw new Error(`the stream processor ${processorName} still runs after ${STOPPED_WITHIN_MS / 1000} s`);
}

/** The value in place of an error of that name; any other is thrown. */
function unless<T>(error: unknown, name: string, value: T): T {
  if (error instanceof Error && error.name === name) return value;
  throw error;
}
