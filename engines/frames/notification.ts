import { totalMs } from "../../core/sessions/intervals.ts";
import type { ReceivedFragment } from "../../schemas/fragment.ts";
import type { FrameSession } from "../../schemas/frame-session.ts";
import type { FrameSampling } from "../../schemas/notification.ts";
import { derivedId } from "../derived-id.ts";
import type { FoundLabel } from "./parts.ts";

/** What notifications repeat of a session. */
type PublishedSession = Pick<
  FrameSession,
  "sessionId" | "processorName" | "streamArn" | "videoStartMs" | "maxDurationSeconds" | "tags"
>;

/** The first detection of a label in a session. */
interface FirstDetection {
  readonly found: FoundLabel;
  /** Producer time of the image. */
  readonly atMs: number;
  /** The fragment that contains it. */
  readonly fragment: ReceivedFragment;
  readonly frameImageUri: string;
  /** Null if the image could not be cropped. */
  readonly croppedImageUri: string | null;
}

/**
 * The notification of a label's first detection, in the JSON of a stream processor's (see `schemas/notification.ts`) with
 * the engine's name. Its ids derive from session and label, so that a step that is done twice publishes the same ids.
 */
export function labelDetected(
  session: PublishedSession,
  { found, atMs, fragment, frameImageUri, croppedImageUri }: FirstDetection,
) {
  const { label, confidence, box, isWholeFrame } = found;
  return {
    inputInformation: { kinesisVideo: { streamArn: session.streamArn } },
    eventNamespace: { type: "LABEL_DETECTED" },
    labels: [
      {
        id: derivedId(session.sessionId, "label", label),
        name: label,
        confidence,
        frameImageUri,
        croppedImageUri,
        videoMapping: {
          kinesisVideoMapping: {
            fragmentNumber: fragment.number,
            serverTimestamp: fragment.serverMs,
            producerTimestamp: fragment.startMs,
            frameOffsetMillis: Math.max(0, atMs - fragment.startMs),
          },
        },
        boundingBox: box,
        ...(isWholeFrame && { isWholeFrame }),
      },
    ],
    ...common(session, derivedId(session.sessionId, "detected", label)),
  };
}

/** The completion notification of a session. It reports as processed what its samples stand for. */
export function processingComplete(session: PublishedSession, frameSampling: FrameSampling) {
  const processedMs = totalMs(frameSampling.analysed);
  return {
    inputInformation: {
      kinesisVideo: { streamArn: session.streamArn, processedVideoDurationMillis: processedMs },
    },
    eventNamespace: { type: "STREAM_PROCESSING_COMPLETE" },
    streamProcessingResults: { message: "Stream processing completed." },
    ...common(session, derivedId(session.sessionId, "complete", "")),
    frameSampling,
  };
}

const common = (
  { sessionId, processorName, videoStartMs, maxDurationSeconds, tags }: PublishedSession,
  eventId: string,
) => ({
  eventId,
  tags,
  sessionId,
  engine: "frames" as const,
  startStreamProcessorRequest: {
    name: processorName,
    startSelector: { kvsStreamStartSelector: { producerTimestamp: videoStartMs } },
    stopSelector: { maxDurationInSeconds: maxDurationSeconds },
  },
});

/** Where an image of a session is stored, as a stream processor stores its own: by processor, session and time. */
export const evidenceKey = (
  { processorName, sessionId }: Pick<FrameSession, "processorName" | "sessionId">,
  atMs: number,
  /** `frame`, or the label that a crop shows. */
  what: string,
): string => `${processorName}/${sessionId}/${atMs}-${what.toLowerCase().replaceAll(/[^a-z0-9]+/g, "-")}.jpg`;
