import { GetObjectCommand, S3Client } from "@aws-sdk/client-s3";
import * as v from "valibot";
import type { Cloud } from "../../cloud.ts";
import type { Principal } from "../../iam/principal.ts";
import { imageTooLarge, invalidImageFormat, invalidParameter, invalidS3Object } from "../errors.ts";
import { members } from "../inputs.ts";

/** Documented: Rekognition guidelines and quotas. */
const MAX_BYTES = 5 * 1024 * 1024;
const MAX_S3_BYTES = 15 * 1024 * 1024;
const MIN_SIDE_PIXELS = 80;
const MAX_SIDE_PIXELS = 10_000;

const JPEG = Buffer.from([0xff, 0xd8, 0xff]);
const PNG = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);

/** An image of a request: its bytes in base64, or an object that the caller may read. */
export const image = v.pipe(
  members({
    Bytes: v.optional(v.pipe(v.string("expected bytes in base64"), v.minLength(1, "expected bytes"))),
    S3Object: v.optional(members({ Bucket: v.string(), Name: v.string(), Version: v.optional(v.string()) })),
  }),
  v.check(
    ({ Bytes, S3Object }) => (Bytes === undefined) !== (S3Object === undefined),
    "expected either Bytes or S3Object",
  ),
);
type ImageInput = v.InferOutput<typeof image>;

/** The bytes of a request's image, with the caller's own permissions for one in S3. */
export async function imageBytes(
  { Bytes, S3Object }: ImageInput,
  cloud: Cloud,
  caller: Principal,
): Promise<Buffer> {
  if (S3Object) {
    const content = await readObject(S3Object, cloud, caller);
    if (content.length > MAX_S3_BYTES) throw imageTooLarge(content.length, MAX_S3_BYTES);
    return content;
  }
  const content = Buffer.from(Bytes ?? "", "base64");
  if (content.length > MAX_BYTES) throw imageTooLarge(content.length, MAX_BYTES);
  return content;
}

async function readObject(
  { Bucket, Name, Version }: NonNullable<ImageInput["S3Object"]>,
  cloud: Cloud,
  caller: Principal,
): Promise<Buffer> {
  try {
    const { Body } = await cloud
      .client(S3Client, caller)
      .send(
        new GetObjectCommand({ Bucket, Key: Name, ...(Version !== undefined && { VersionId: Version }) }),
      );
    return Buffer.from(await Body!.transformToByteArray());
  } catch (error) {
    throw invalidS3Object(Bucket, Name, error);
  }
}

/** @throws AwsError for what is no JPEG or PNG, or too small or large */
export async function decodeImage(
  content: Buffer,
): Promise<{ rgba: Uint8Array; width: number; height: number }> {
  if (![JPEG, PNG].some((start) => content.subarray(0, start.length).equals(start)))
    throw invalidImageFormat();
  const { createCanvas, loadImage } = await import("@napi-rs/canvas");
  const loaded = await loadImage(content).catch(() => {
    throw invalidImageFormat();
  });
  const { width, height } = loaded;
  if (Math.min(width, height) < MIN_SIDE_PIXELS || Math.max(width, height) > MAX_SIDE_PIXELS)
    throw invalidParameter(
      `Image: is ${width} by ${height} pixels; expected ${MIN_SIDE_PIXELS} to ${MAX_SIDE_PIXELS} a side`,
    );
  const context = createCanvas(width, height).getContext("2d");
  context.drawImage(loaded, 0, 0);
  const { data } = context.getImageData(0, 0, width, height);
  return { rgba: new Uint8Array(data.buffer, data.byteOffset, data.byteLength), width, height };
}
