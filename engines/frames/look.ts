import { isResponse } from "../../aws/responses.ts";
import { isThrottling } from "../../aws/throttling.ts";
import { SECOND_MS } from "../../base/durations.ts";
import type { Look } from "../../core/alerts/package.ts";
import { DEFAULT_CONFIDENCE, type Camera } from "../../schemas/camera.ts";
import { foundLabels, namesOf } from "./labels.ts";
import type { FrameParts, MomentImage } from "./parts.ts";
import { storedFragments } from "./stored.ts";

/** How far before the end of the video its last image is taken: a camera films a frame at least so often. */
const LAST_IMAGE_MS = 200;
/** How often a call that is throttled is made, once a second. */
const MAX_ATTEMPTS = 3;

/** What a look uses; each part is a module of `aws/`. */
export interface LookParts extends Pick<
  FrameParts,
  "now" | "imageAt" | "fragments" | "takeCall" | "detectLabels"
> {
  sleep(ms: number): Promise<void>;
}

/**
 * Looks for a package in the latest image of a camera's video that is not before a moment, whatever its engine is: the
 * video of both is in a stream.
 * @param fromMs producer time
 * @throws the client's error when AWS returned none; what it refuses is a look that is `unknown`
 */
export async function lookForPackage(parts: LookParts, camera: Camera, fromMs: number): Promise<Look> {
  const image = await latestImage(parts, camera.streamName, fromMs);
  if (image.kind !== "image") return { kind: "unknown", reason: reasonOf(image) };
  const { atMs } = image;
  // The camera's labels may have changed since a package was detected.
  const labels = { PACKAGE: camera.labels.PACKAGE ?? DEFAULT_CONFIDENCE };
  const result = await withRetries(parts, async () =>
    (await parts.takeCall("later"))
      ? await parts.detectLabels(image.jpeg, namesOf(labels), labels.PACKAGE)
      : ({ kind: "throttled" } as const),
  );
  if (result.kind !== "labels") return { kind: "unknown", reason: reasonOf(result) };
  const { regionsOfInterest } = camera;
  const found = foundLabels(result.labels, { labels, regionsOfInterest });
  return { kind: found.length > 0 ? "package" : "no-package", atMs };
}

/** The image near the end of the video, or else the one at the begin of its last fragment. */
async function latestImage(parts: LookParts, streamName: string, fromMs: number): Promise<MomentImage> {
  const listed = await withRetries(parts, () => listedFragments(parts, streamName, fromMs));
  if (listed.kind !== "fragments") return listed;
  const last = listed.fragments.toSorted((a, b) => b.startMs - a.startMs)[0];
  const endMs = last ? last.startMs + last.durationMs : 0;
  let image: MomentImage = { kind: "no-video" };
  for (const atMs of [Math.max(fromMs, endMs - LAST_IMAGE_MS), last?.startMs ?? 0]) {
    if (image.kind !== "no-video" || atMs < fromMs || atMs >= endMs) continue;
    image = await withRetries(parts, () => parts.imageAt(streamName, atMs));
  }
  return image;
}

/** The fragments from a moment on, or why they cannot be listed. */
async function listedFragments(parts: LookParts, streamName: string, fromMs: number) {
  try {
    const fragments = await storedFragments(parts, streamName, fromMs, Math.max(fromMs, parts.now()));
    return { kind: "fragments", fragments } as const;
  } catch (error) {
    if (isThrottling(error)) return { kind: "throttled" } as const;
    if (!isResponse(error) || error.$metadata.httpStatusCode >= 500) throw error;
    const reason = `ListFragments of the stream ${streamName}: ${error.name}: ${error.message}`;
    return { kind: "refused", reason } as const;
  }
}

async function withRetries<T extends { readonly kind: string }>(
  { sleep }: LookParts,
  call: () => Promise<T>,
): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    const result = await call();
    if (result.kind !== "throttled" || attempt === MAX_ATTEMPTS) return result;
    await sleep(SECOND_MS);
  }
}

function reasonOf(result: { readonly kind: string; readonly reason?: string }): string {
  if (result.reason !== undefined) return result.reason;
  return result.kind === "no-video"
    ? "the stream has no video of that time"
    : `a call was throttled ${MAX_ATTEMPTS} times`;
}
