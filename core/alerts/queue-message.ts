/** The messages by which alerts are decided, as AlertQueue holds them. Pure. */
import * as v from "valibot";
import { sessionBusEvent } from "../../schemas/bus-event.ts";
import { facesSeen } from "../../schemas/faces-seen.ts";
import { labelDetected, type DetectedLabel } from "../../schemas/notification.ts";
import { reasonOf } from "../../schemas/reason.ts";
import { cameraIdOf, streamNameOf } from "../camera.ts";
import { readStartRequest } from "../lake/start-request.ts";
import { PERSON, type Detection } from "./match.ts";
import type { AlertEvent } from "./reduce.ts";

/** What a message says of a label or a face; whether its picture is stored is still to be found out. */
export type ReportedDetection = Omit<Detection, "isPictureStored">;

export type QueueMessage = { readonly cameraId: string } & (
  | {
      readonly kind: "detected";
      readonly detections: readonly ReportedDetection[];
    }
  | Extract<AlertEvent, { kind: "chain-ended" }>
  | { readonly kind: "wake" }
);

const wakeUp = v.object({
  wake: v.object({
    cameraId: v.pipe(v.string(), v.nonEmpty("expected a camera's id")),
  }),
});

/**
 * @param cameraStreamPrefix what the names of the fleet's streams begin with
 * @throws Error that says what is wrong, without the message's content
 */
export function readQueueMessage(body: string, cameraStreamPrefix: string): QueueMessage {
  const message = documentOf(body);
  if ("wake" in message) {
    return { kind: "wake", ...parsed("wake-up", wakeUp, message).wake };
  }
  if ("faces" in message) {
    const { cameraId, sessionId = null, seen } = parsed("message about faces", facesSeen, message).faces;
    return {
      kind: "detected",
      cameraId,
      detections: seen.map(({ person, seenAtMs, faceNo }) => ({
        eventId: `faces-${cameraId}-${seenAtMs}`,
        labelId: String(faceNo),
        sessionId,
        sessionStartedAtMs: null,
        label: PERSON,
        confidence: null,
        person,
        detectedAtMs: seenAtMs,
        frameUri: null,
        cropUri: null,
      })),
    };
  }
  if ("detail-type" in message) {
    const { "detail-type": type, detail } = message;
    const event = parsed("bus event", sessionBusEvent, { type, detail });
    if (event.type !== "SessionEnded" || event.detail.motionGoesOn)
      throw new Error(`the event is a ${event.type}; expected the SessionEnded of a motion that is over`);
    const { cameraId, videoStartAt, videoEndAt } = event.detail;
    return {
      kind: "chain-ended",
      cameraId,
      videoStartMs: Date.parse(videoStartAt),
      videoEndMs: Date.parse(videoEndAt),
    };
  }
  if (!("eventNamespace" in message))
    throw new Error(
      "the message is none that alerts are decided by; expected a notification (eventNamespace), faces (faces), an event of the bus (detail-type) or a wake-up (wake)",
    );
  const notification = parsed("LABEL_DETECTED", labelDetected, message);
  const { eventId, sessionId, labels, inputInformation, startStreamProcessorRequest } = notification;
  const ofAll = {
    eventId,
    sessionId,
    sessionStartedAtMs: readStartRequest(startStreamProcessorRequest).startedAtMs,
  };
  return {
    kind: "detected",
    cameraId: cameraIdOf(streamNameOf(inputInformation.kinesisVideo.streamArn), cameraStreamPrefix),
    detections: labels.map((label) => ({ ...ofAll, ...detectionOf(label) })),
  };
}

const detectionOf = ({
  id,
  name,
  confidence,
  frameImageUri,
  croppedImageUri,
  videoMapping,
}: DetectedLabel): Omit<ReportedDetection, "eventId" | "sessionId" | "sessionStartedAtMs"> => ({
  labelId: id,
  label: name,
  confidence,
  detectedAtMs:
    videoMapping.kinesisVideoMapping.producerTimestamp + videoMapping.kinesisVideoMapping.frameOffsetMillis,
  frameUri: frameImageUri,
  cropUri: croppedImageUri,
});

/** JSON.parse's own messages quote the text, and this one is logged. */
function documentOf(body: string): Readonly<Record<string, unknown>> {
  let message: unknown;
  try {
    message = JSON.parse(body);
  } catch {
    throw new Error("the message is not JSON");
  }
  if (typeof message !== "object" || message === null || Array.isArray(message))
    throw new Error("the message is not a JSON object");
  return message as Record<string, unknown>;
}

function parsed<S extends v.GenericSchema>(what: string, schema: S, message: unknown): v.InferOutput<S> {
  const result = v.safeParse(schema, message, { abortEarly: true });
  if (!result.success) throw new Error(`not a ${what}: ${reasonOf(result.issues)}`);
  return result.output;
}
