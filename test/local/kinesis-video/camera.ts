import { CreateStreamCommand, KinesisVideoClient } from "@aws-sdk/client-kinesis-video";
import {
  KinesisVideoArchivedMediaClient,
  ListFragmentsCommand,
} from "@aws-sdk/client-kinesis-video-archived-media";
import type { CloudEvent } from "../../../local/events.ts";
import type { TestCloud } from "../cloud.ts";
import type { ProducerOptions } from "./producer.ts";

export type Camera = ProducerOptions & { readonly arn: string };

let cameras = 0;

/** Creates a stream for a test. */
export async function createCamera(local: TestCloud, DataRetentionInHours = 24): Promise<Camera> {
  const StreamName = `camera-${++cameras}`;
  const command = new CreateStreamCommand({ StreamName, DataRetentionInHours });
  const { StreamARN } = await local.client(KinesisVideoClient).send(command);
  return { endpoint: local.endpoint, streamName: StreamName, arn: StreamARN! };
}

/** Producer timestamps of the stored fragments of the camera's stream, in epoch ms. */
export async function storedTimes(local: TestCloud, { streamName }: ProducerOptions): Promise<number[]> {
  const TimestampRange = { StartTimestamp: new Date(0), EndTimestamp: new Date(4e12) };
  const command = new ListFragmentsCommand({
    StreamName: streamName,
    FragmentSelector: { FragmentSelectorType: "PRODUCER_TIMESTAMP", TimestampRange },
  });
  const { Fragments } = await local.client(KinesisVideoArchivedMediaClient).send(command);
  return Fragments!.map(({ ProducerTimestamp }) => ProducerTimestamp!.getTime());
}

/** The service's event of this name for the camera's stream, past or future. */
export const emitted = (
  local: TestCloud,
  name: string,
  { streamName }: ProducerOptions,
): Promise<CloudEvent> =>
  local.cloud.events.waitFor((event) => event.name === name && event.detail["streamName"] === streamName);
