import { randomId } from "../../base/random.ts";
import type { DetectedObject, Frame } from "./detector.ts";
import { evidenceImages } from "./evidence.ts";
import type { Fragment } from "./fragments.ts";
import { labelDetected, processingComplete, SUBJECT } from "./notification.ts";
import type { Session } from "./processors.ts";
import type { SessionRun } from "./session.ts";

/**
 * Puts the frame and a crop of each sighted object into the bucket, then notifies, so that a notification never
 * names an image that is not there yet. Keys are `<KeyPrefix>/<processor>/<session>/<producer time>-<what>.jpg`
 * (documented up to the session; the file names are the local cloud's own).
 */
export async function report(
  { cloud, processor, role }: SessionRun,
  session: Session,
  fragment: Fragment,
  frame: Frame,
  sighted: readonly DetectedObject[],
): Promise<void> {
  const { Name, Output } = processor.definition;
  const { KeyPrefix } = Output.S3Destination;
  const folder = [...(KeyPrefix ? [KeyPrefix.replace(/\/+$/, "")] : []), Name, session.id].join("/");
  const key = (what: string) => `${folder}/${frame.producerTimestampMs}-${what}.jpg`;

  const images = await evidenceImages(
    frame,
    sighted.map(({ box }) => box),
  );
  const frameImageUri = await role.putImage(key("frame"), images.frame);
  const labels = [];
  for (const [index, object] of sighted.entries()) {
    const croppedImageUri = await role.putImage(key(object.label.toLowerCase()), images.crops[index]!);
    labels.push({ id: randomId(), object, frameOffsetMs: frame.offsetMs, frameImageUri, croppedImageUri });
  }
  const eventId = randomId();
  await role.publish(SUBJECT, labelDetected(processor, session, fragment, eventId, labels));
  cloud.events.emit("rekognition", "label-detected", {
    processor: Name,
    sessionId: session.id,
    eventId,
    labels: sighted.map(({ label }) => label),
    producerTimestampMs: frame.producerTimestampMs,
  });
}

/** Publishes the end of a run. */
export async function reportEnd({ processor, role }: SessionRun, session: Session): Promise<void> {
  await role.publish(SUBJECT, processingComplete(processor, session, randomId()));
}
