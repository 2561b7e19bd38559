import { setTimeout as delay } from "node:timers/promises";
import { GetDataEndpointCommand, KinesisVideoClient } from "@aws-sdk/client-kinesis-video";
import { openClip } from "./fragments.ts";
import { fragmentLimits } from "./plan-fragments.ts";
import { putMedia } from "./put-media.ts";
import type { AwsCredentials } from "./put-media.ts";
import type { Ack } from "./acks.ts";

export type UploadClipOptions = {
  /** Path of an MP4, MOV or MKV file with H.264 or H.265 video. */
  file: string;
  streamName: string;
  /** Producer time of the clip's first frame, in epoch milliseconds. */
  startMs: number;
  region: string;
  /** Default: the AWS SDK's credential chain. */
  credentials?: AwsCredentials;
  /** Endpoint of the Kinesis Video control plane; default: the Region's. */
  endpoint?: string;
  onAck?: (ack: Ack) => void;
};

export type UploadedClip = {
  fragments: number;
  /** Producer time of the first frame's start and the last frame's end, in epoch milliseconds. */
  firstProducerMs: number;
  lastProducerMs: number;
  durationMs: number;
  /** Bytes of Matroska sent. */
  bytes: number;
  persistedFragments: number;
  lastPersistedFragmentNumber?: string;
  /** What of the clip was not sent, and why. */
  notices: string[];
};

/** An earlier start is no recording's, but seconds given for milliseconds. */
const earliestPlausibleMs = Date.UTC(2000, 0);

/**
 * Sends one clip to a Kinesis video stream, as fast as the stream's fragment quota allows. Throws RangeError for an
 * implausible start, UnsuitableClipError before anything is sent, PutMediaError when the service refuses.
 */
export async function uploadClip(options: UploadClipOptions): Promise<UploadedClip> {
  const { file, streamName, startMs, region, endpoint, credentials } = options;
  if (!Number.isInteger(startMs) || startMs < earliestPlausibleMs)
    throw new RangeError(`startMs is ${startMs}; expected epoch milliseconds, such as ${1_700_000_000_000}`);
  const clip = await openClip(file);
  const control = new KinesisVideoClient({
    region,
    ...(endpoint && { endpoint }),
    ...(credentials && { credentials }),
  });
  try {
    const { DataEndpoint } = await control.send(
      new GetDataEndpointCommand({ StreamName: streamName, APIName: "PUT_MEDIA" }),
    );
    if (!DataEndpoint) throw new Error(`GetDataEndpoint gave no endpoint for stream ${streamName}`);
    let bytes = 0;
    async function* counted(chunks: AsyncIterable<Uint8Array>) {
      for await (const chunk of chunks) {
        bytes += chunk.length;
        yield chunk;
      }
    }
    const timing = { startMs, timecodeType: "ABSOLUTE" } as const;
    const { persistedFragments, lastPersistedFragmentNumber } = await putMedia({
      endpoint: DataEndpoint,
      region,
      credentials: await control.config.credentials(),
      streamName,
      producerStartMs: startMs,
      timecodeType: timing.timecodeType,
      body: counted(paced(clip.chunks(timing), 1000 / fragmentLimits.perSecond)),
      ...(options.onAck && { onAck: options.onAck }),
    });
    const durationMs = Math.round(clip.durationMs);
    return {
      fragments: clip.fragments.length,
      firstProducerMs: startMs,
      lastProducerMs: startMs + durationMs,
      durationMs,
      bytes,
      persistedFragments,
      ...(lastPersistedFragmentNumber !== undefined && { lastPersistedFragmentNumber }),
      notices: clip.notices,
    };
  } finally {
    clip.close();
    control.destroy();
  }
}

/** Leaves at least `intervalMs` between the items. */
async function* paced<Item>(items: AsyncIterable<Item>, intervalMs: number): AsyncGenerator<Item> {
  let nextMs = 0;
  for await (const item of items) {
    const waitMs = nextMs - performance.now();
    if (waitMs > 0) await delay(waitMs);
    nextMs = performance.now() + intervalMs;
    yield item;
  }
}
