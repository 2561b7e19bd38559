import { DescribeStreamCommand, KinesisVideoClient } from "@aws-sdk/client-kinesis-video";
import { GetImagesCommand, type GetImagesCommandOutput } from "@aws-sdk/client-kinesis-video-archived-media";
import type { MomentImage, StreamFound } from "../schemas/images.ts";
import { archivedMedia } from "./archived-media.ts";
import { isDenied, isResponse } from "./responses.ts";
import { isThrottling } from "./throttling.ts";

/**
 * Documented (GetImages): the shortest interval. Of a range that is shorter, "the image from the StartTimestamp will be
 * returned if available".
 */
const SAMPLING_INTERVAL_MS = 200;
const RANGE_MS = 100;

/** Images of Kinesis video streams, by producer time. */
export const streamImages = (control?: KinesisVideoClient) => {
  const onStream = archivedMedia("GET_IMAGES", control);

  return {
    /**
     * The image that a stream shows at a moment, in its own size: a JPEG of at most 4.7 MB, which DetectLabels accepts as
     * bytes (documented: GetImages, 6,291,456 characters of base64; Rekognition quotas, 5 MB). One image counts as 401 of
     * a stream's 10,000 fragment-metadata points a second, and one of its 500 fragment-media points (documented: quotas).
     * @throws the client's error when there is no result
     */
    async imageAt(streamName: string, atMs: number): Promise<MomentImage> {
      try {
        const command = new GetImagesCommand({
          StreamName: streamName,
          ImageSelectorType: "PRODUCER_TIMESTAMP",
          StartTimestamp: new Date(atMs),
          EndTimestamp: new Date(atMs + RANGE_MS),
          SamplingInterval: SAMPLING_INTERVAL_MS,
          Format: "JPEG",
          MaxResults: 1,
        });
        const { Images = [] } = await onStream(streamName, (client) => client.send(command));
        return imageOf(Images, atMs);
      } catch (error) {
        if (isThrottling(error)) return { kind: "throttled" };
        const reason = refusal(error, "GetImages", streamName);
        if (reason !== undefined) return { kind: "refused", reason };
        throw error;
      }
    },
  };
};

function imageOf([image]: NonNullable<GetImagesCommandOutput["Images"]>, atMs: number): MomentImage {
  if (image?.ImageContent) {
    // Documented (Image): text in base64, which the client leaves as it is.
    const jpeg = new Uint8Array(Buffer.from(image.ImageContent, "base64"));
    return { kind: "image", jpeg, atMs: image.TimeStamp?.getTime() ?? atMs };
  }
  return image?.Error === undefined || image.Error === "NO_MEDIA"
    ? { kind: "no-video" }
    : { kind: "unreadable", reason: `GetImages: ${image.Error}` };
}

/** Kinesis video streams by name. */
export const videoStreams = (client = new KinesisVideoClient({})) => ({
  /**
   * DescribeStream allows 5 calls a second for a stream (documented: quotas): call it once for a session.
   * @throws the client's error when there is no result
   */
  async streamArnOf(streamName: string): Promise<StreamFound> {
    try {
      const { StreamInfo } = await client.send(new DescribeStreamCommand({ StreamName: streamName }));
      return StreamInfo?.DataRetentionInHours
        ? { kind: "stream", arn: StreamInfo.StreamARN! }
        : { kind: "refused", reason: withoutRetention(streamName) };
    } catch (error) {
      const reason = refusal(error, "DescribeStream", streamName);
      if (reason !== undefined) return { kind: "refused", reason };
      throw error;
    }
  },
});

const withoutRetention = (streamName: string): string =>
  `the stream ${streamName} stores no video: its data retention is 0 hours; raise it with UpdateDataRetention`;

/** Why no call of this action on this stream will ever succeed; undefined if one may. */
function refusal(error: unknown, action: string, streamName: string): string | undefined {
  if (!isResponse(error)) return undefined;
  const { name, message } = error;
  if (name === "NoDataRetentionException") return withoutRetention(streamName);
  if (name === "ResourceNotFoundException")
    return `there is no stream ${streamName} in this account and Region: ${message}`;
  if (isDenied(error))
    return `the function's role may not call ${action} on the stream ${streamName}: ${name}: ${message}`;
  return undefined;
}
