import type { FrameFace } from "../faces/frame-search.ts";
import type { Fragment } from "../sessions/fragments.ts";

/**
 * The record of an analysed frame (documented: Rekognition guide, "Reading streaming video analysis results" and its
 * reference). Times are those of the fragment, in seconds since 1970 as decimals. That a frame without faces has a record,
 * with an empty list, is unconfirmed.
 */
export const recordOf = (
  streamArn: string,
  { number, serverTimestampMs, producerTimestampMs }: Fragment,
  offsetMs: number,
  faces: readonly FrameFace[],
) => ({
  InputInformation: {
    KinesisVideo: {
      StreamArn: streamArn,
      FragmentNumber: number,
      ServerTimestamp: serverTimestampMs / 1000,
      ProducerTimestamp: producerTimestampMs / 1000,
      FrameOffsetInSeconds: offsetMs / 1000,
    },
  },
  StreamProcessorInformation: { Status: "RUNNING" },
  FaceSearchResponse: faces,
});
