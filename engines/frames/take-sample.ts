import type { ReceivedFragment } from "../../schemas/fragment.ts";
import type { FrameSession } from "../../schemas/frame-session.ts";
import { cropped, UnreadableJpegError } from "./crop.ts";
import { foundLabels, lowestConfidence, namesOf, personBoxes, withPersons } from "./labels.ts";
import { evidenceKey, labelDetected } from "./notification.ts";
import type { Box, FoundLabel, FrameParts, MomentImage, NamedLabel } from "./parts.ts";
import { containing, showing, storedFragments } from "./stored.ts";

/** What came of sampling a moment. */
type SampleResult =
  /** DetectLabels has seen its image; labels that are new to the session are published. */
  | { readonly kind: "image"; readonly detected: readonly string[] }
  | { readonly kind: "unreadable" }
  /** A call was refused for now. */
  | { readonly kind: "throttled" }
  /** No image will ever be accepted. */
  | { readonly kind: "refused"; readonly reason: string }
  /** There is no image; the fragments around the moment. */
  | { readonly kind: "no-video"; readonly fragments: readonly ReceivedFragment[] };

/** Samples the next moment of a session. */
export async function takeSample(parts: FrameParts, session: FrameSession): Promise<SampleResult> {
  const { streamName, nextAtMs } = session;
  let image = await parts.imageAt(streamName, nextAtMs);
  if (image.kind === "no-video") {
    const fragments = await storedFragments(parts, streamName, nextAtMs);
    // It may have come just after the first call.
    if (containing(fragments, nextAtMs)) image = await parts.imageAt(streamName, nextAtMs);
    if (image.kind === "no-video") return { kind: "no-video", fragments };
  }
  if (image.kind !== "image") return image;
  const isFirst = !session.samples.some(({ outcome }) => outcome === "image");
  if (!(await parts.takeCall(isFirst ? "first" : "later"))) return { kind: "throttled" };
  const wanted = withPersons(session.labels, session.faces);
  const result = await parts.detectLabels(image.jpeg, namesOf(wanted), lowestConfidence(wanted));
  if (result.kind !== "labels") return result;
  const isNew = ({ label }: FoundLabel): boolean => !session.detected.includes(label);
  const found = foundLabels(result.labels, session).filter(isNew);
  let fragment: ReceivedFragment | undefined;
  if (found.length > 0) {
    const fragments = await storedFragments(parts, streamName, image.atMs);
    fragment = showing(fragments, image.atMs);
    if (!fragment) return { kind: "no-video", fragments };
    await publish(parts, session, { found, image, fragment });
  }
  if (session.faces) await sendPersons(parts, session, { labels: result.labels, atMs: image.atMs, fragment });
  return { kind: "image", detected: found.map(({ label }) => label) };
}

/** Stores the image and a crop of each label, and publishes the labels, each in a notification of its own. */
async function publish(
  parts: FrameParts,
  session: FrameSession,
  {
    found,
    image: { jpeg, atMs },
    fragment,
  }: {
    readonly found: readonly FoundLabel[];
    readonly image: MomentImage & { kind: "image" };
    readonly fragment: ReceivedFragment;
  },
): Promise<void> {
  const crops = cropsOf(
    jpeg,
    found.map(({ box }) => box),
  );
  const frameImageUri = await parts.putImage(evidenceKey(session, atMs, "frame"), jpeg);
  for (const [index, one] of found.entries()) {
    const crop = crops?.[index];
    const croppedImageUri = crop ? await parts.putImage(evidenceKey(session, atMs, one.label), crop) : null;
    await parts.publish(
      labelDetected(session, { found: one, atMs, fragment, frameImageUri, croppedImageUri }),
    );
  }
}

/**
 * Sends the persons in an image to the search of their faces, after its labels are published. Labels never fail because of
 * faces: what cannot be sent is reported, and the session goes on.
 */
async function sendPersons(
  parts: FrameParts,
  session: FrameSession,
  {
    labels,
    atMs,
    fragment,
  }: {
    readonly labels: readonly NamedLabel[];
    readonly atMs: number;
    /** Undefined if it is not known yet. */
    readonly fragment: ReceivedFragment | undefined;
  },
): Promise<void> {
  const { sessionId, streamName, streamArn, tags } = session;
  const persons = personBoxes(labels, session);
  if (persons.length === 0) return;
  try {
    const shown = fragment ?? showing(await storedFragments(parts, streamName, atMs), atMs);
    if (!shown)
      throw new Error(`no fragment of the stream ${streamName} shows its image of ${atMs} any more`);
    await parts.sendPersons({
      cameraId: tags["camera"]!,
      streamName,
      streamArn: streamArn!,
      sessionId,
      atMs,
      fragmentNumber: shown.number,
      persons,
    });
  } catch (error) {
    parts.personsUnsent(error, session);
  }
}

/** Undefined for an image that Rekognition reads, but that cannot be decoded here. */
function cropsOf(jpeg: Uint8Array, boxes: readonly Box[]): Uint8Array[] | undefined {
  try {
    return cropped(jpeg, boxes);
  } catch (error) {
    if (error instanceof UnreadableJpegError) return undefined;
    throw error;
  }
}
