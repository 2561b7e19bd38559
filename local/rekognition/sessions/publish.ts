import { randomId } from "../../../base/random.ts";
import type { DetectedObject, Detector, Frame } from "../detection/detector.ts";
import type { Session } from "../processors.ts";
import type { Fragment } from "./fragments.ts";
import { labelDetected, processingComplete, SUBJECT } from "./notification.ts";
import type { SessionRun } from "./session-run.ts";

/**
 * Puts the frame and a crop of each detected object into the bucket, then publishes the notification, so that the images
 * a notification names exist. Keys are `<KeyPrefix>/<processor>/<session>/<producer time>-<what>.jpg` (documented up to
 * the session; the file names are the local cloud's own).
 */
export async function publishDetections(
  { cloud, processor, role }: SessionRun,
  session: Session,
  fragment: Fragment,
  {
    frame,
    detected,
    detector,
  }: {
    readonly frame: Frame;
    readonly detected: readonly DetectedObject[];
    readonly detector: Detector["name"];
  },
): Promise<void> {
  const { Name, Output } = processor.definition;
  const { KeyPrefix } = Output.S3Destination;
  const folder = [...(KeyPrefix ? [KeyPrefix.replace(/\/+$/, "")] : []), Name, session.id].join("/");
  const key = (what: string) => `${folder}/${frame.producerTimestampMs}-${what}.jpg`;

  const boxes = detected.map(({ box }) => box);
  const { evidenceImages } = await import("./evidence.ts");
  const images = await evidenceImages(frame, boxes);
  const frameImageUri = await role.putImage(key("frame"), images.frame);
  const labels = [];
  for (const [index, object] of detected.entries()) {
    const croppedImageUri = await role.putImage(key(object.label.toLowerCase()), images.crops[index]!);
    labels.push({ id: randomId(), object, frameOffsetMs: frame.offsetMs, frameImageUri, croppedImageUri });
  }
  const eventId = randomId();
  await role.publish(SUBJECT, labelDetected(processor, session, fragment, { eventId, labels, detector }));
  cloud.events.emit("rekognition", "label-detected", {
    processor: Name,
    sessionId: session.id,
    eventId,
    labels: detected.map(({ label }) => label),
    producerTimestampMs: frame.producerTimestampMs,
  });
}

/** Publishes the completion notification. */
export async function publishCompletion({ processor, role }: SessionRun, session: Session): Promise<void> {
  await role.publish(SUBJECT, processingComplete(processor, session, randomId()));
}
