import type { DetectedObject, Detector } from "../detection/detector.ts";
import type { Fragment } from "./fragments.ts";
import type { Session, LabelProcessor } from "../processors.ts";

/** Subject of every message to the topic (documented: streaming labels detection). */
export const SUBJECT = "Rekognition Stream Processing Event";

/** Beside the processor's own tags: Rekognition has detected none of this. */
const DETECTOR_TAG = "local-detector";

/** A detected object and the images that show it. */
interface NotifiedLabel {
  readonly id: string;
  readonly object: DetectedObject;
  readonly frameOffsetMs: number;
  readonly frameImageUri: string;
  readonly croppedImageUri: string;
}

/**
 * The notification at the first detection of one or more classes. Members and spelling are documented (Rekognition guide,
 * streaming labels detection); that times are epoch ms and that labels have a `confidence` was observed in a public
 * consumer; that classes first detected in one frame share a message is unconfirmed.
 */
export function labelDetected(
  processor: LabelProcessor,
  session: Session,
  fragment: Fragment,
  {
    eventId,
    labels,
    detector,
  }: {
    readonly eventId: string;
    readonly labels: readonly NotifiedLabel[];
    readonly detector: Detector["name"];
  },
) {
  const rest = common(processor, session, eventId);
  return {
    inputInformation: { kinesisVideo: { streamArn: processor.definition.Input.KinesisVideoStream.Arn } },
    eventNamespace: { type: "LABEL_DETECTED" },
    labels: labels.map(({ id, object, frameOffsetMs, frameImageUri, croppedImageUri }) => ({
      id,
      name: object.label,
      confidence: object.confidence,
      frameImageUri,
      croppedImageUri,
      videoMapping: {
        kinesisVideoMapping: {
          fragmentNumber: fragment.number,
          serverTimestamp: fragment.serverTimestampMs,
          producerTimestamp: fragment.producerTimestampMs,
          frameOffsetMillis: frameOffsetMs,
        },
      },
      boundingBox: object.box,
    })),
    ...rest,
    tags: { ...rest.tags, [DETECTOR_TAG]: detector },
  };
}

/** The completion notification (documented as above; the text of `message` is unconfirmed). */
export function processingComplete(processor: LabelProcessor, session: Session, eventId: string) {
  return {
    inputInformation: {
      kinesisVideo: {
        streamArn: processor.definition.Input.KinesisVideoStream.Arn,
        processedVideoDurationMillis: session.processedMs,
      },
    },
    eventNamespace: { type: "STREAM_PROCESSING_COMPLETE" },
    streamProcessingResults: { message: "Stream processing completed." },
    ...common(processor, session, eventId),
  };
}

/** That `startStreamProcessorRequest` is an object is documented; its content is unconfirmed. */
function common({ definition }: LabelProcessor, { id, request }: Session, eventId: string) {
  const { ProducerTimestamp, FragmentNumber } = request.StartSelector.KVSStreamStartSelector;
  return {
    eventId,
    tags: definition.Tags ?? {},
    sessionId: id,
    startStreamProcessorRequest: {
      name: request.Name,
      startSelector: {
        kvsStreamStartSelector: { producerTimestamp: ProducerTimestamp, fragmentNumber: FragmentNumber },
      },
      stopSelector: { maxDurationInSeconds: request.StopSelector.MaxDurationInSeconds },
    },
  };
}
