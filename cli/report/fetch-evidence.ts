import { GetObjectCommand, type S3Client } from "@aws-sdk/client-s3";
import { GENERATED_PREFIX } from "../../analysis/synthetic/camera.ts";
import { asError } from "../../base/errors.ts";
import { objectAt } from "../../operator/objects.ts";
import type { Evidence } from "../../report/evidence.ts";
import { numberOf, numberOrNull, textOf } from "./query-lake.ts";

/** Total of all images before Base64 encoding, so that the page stays under 3 MB. */
const IMAGES_BUDGET_BYTES = 1_200_000;
/** No frame is larger. */
const MAX_FRAME_BYTES = 12_000_000;
const SHOWN_WIDTH = 480;
const JPEG_QUALITY = 72;

/** @param rows results of `evidenceSql` */
export const evidenceOf = (rows: readonly (readonly (string | null)[])[]): Omit<Evidence, "image">[] =>
  rows.map(([cameraId, label, , atMs, confidence, uri, afterMs, left, top, width, height]) => ({
    cameraId: textOf(cameraId),
    label: textOf(label),
    detectedAtMs: numberOf(atMs),
    confidence: numberOrNull(confidence),
    frameImageUri: textOf(uri),
    timeToDetectionMs: numberOrNull(afterMs),
    box: { left: numberOf(left), top: numberOf(top), width: numberOf(width), height: numberOf(height) },
  }));

/** Fetches the frames and scales them down to the size shown. A frame that cannot be fetched carries the reason. */
export async function fetchEvidence(
  found: readonly Omit<Evidence, "image">[],
  s3: S3Client,
  signal: AbortSignal,
): Promise<Evidence[]> {
  const canvas = await import("@napi-rs/canvas").catch(() => undefined);
  const evidence: Evidence[] = [];
  let spentBytes = 0;
  for (const one of found) {
    if (one.cameraId.startsWith(GENERATED_PREFIX)) {
      evidence.push({ ...one, image: missing("Synthetic: there is no frame") });
      continue;
    }
    let image: Evidence["image"];
    try {
      const frame = await frameOf(one.frameImageUri, s3, signal);
      const bytes = canvas ? await smaller(frame, canvas) : frame;
      const type = typeOf(bytes);
      if (!type) image = missing("The frame is neither JPEG nor PNG");
      else if (spentBytes + bytes.length > IMAGES_BUDGET_BYTES)
        image = missing(
          canvas
            ? "Omitted to keep the page small"
            : "Omitted to keep the page small; with `npm install @napi-rs/canvas`, frames are scaled down",
        );
      else {
        spentBytes += bytes.length;
        image = { kind: "embedded", dataUri: `data:${type};base64,${bytes.toString("base64")}` };
      }
    } catch (error) {
      signal.throwIfAborted();
      image = missing(whyMissing(error));
    }
    evidence.push({ ...one, image });
  }
  return evidence;
}

const missing = (why: string): Evidence["image"] => ({ kind: "missing", why });

async function frameOf(uri: string, s3: S3Client, abortSignal: AbortSignal): Promise<Buffer> {
  const address = objectAt(uri);
  if (!address) throw new Error("its URI is not s3://bucket/key");
  const { Body, ContentLength = 0 } = await s3.send(new GetObjectCommand(address), { abortSignal });
  if (ContentLength > MAX_FRAME_BYTES) throw new Error(`it is larger than ${MAX_FRAME_BYTES / 1e6} MB`);
  return Buffer.from(await Body!.transformToByteArray());
}

async function smaller(frame: Buffer, canvas: typeof import("@napi-rs/canvas")): Promise<Buffer> {
  const image = await canvas.loadImage(frame);
  if (image.width <= SHOWN_WIDTH && typeOf(frame) === "image/jpeg") return frame;
  const width = Math.min(SHOWN_WIDTH, image.width);
  const height = Math.max(1, Math.round((image.height * width) / image.width));
  const drawing = canvas.createCanvas(width, height);
  drawing.getContext("2d").drawImage(image, 0, 0, width, height);
  const small = await drawing.encode("jpeg", JPEG_QUALITY);
  return small.length < frame.length ? small : frame;
}

function typeOf(bytes: Buffer): string | undefined {
  if (bytes.subarray(0, 3).equals(Buffer.from([0xff, 0xd8, 0xff]))) return "image/jpeg";
  return bytes.subarray(0, 4).equals(Buffer.from([0x89, 0x50, 0x4e, 0x47])) ? "image/png" : undefined;
}

const REASONS: Readonly<Record<string, string>> = {
  NoSuchKey: "The frame no longer exists: it has expired or was deleted",
  NoSuchBucket: "The frame's bucket does not exist",
  AccessDenied: "Access to the frame is denied: s3:GetObject is not allowed",
};

function whyMissing(error: unknown): string {
  const { name, message } = asError(error);
  return REASONS[name] ?? `The frame could not be fetched: ${message}`;
}
