import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  PutObjectCommand,
  type S3Client,
  UploadPartCommand,
} from "@aws-sdk/client-s3";

/** Largest body of one request; the local S3 takes no more than 11 MiB at a time. */
const PART_SIZE_BYTES = 8 * 1024 * 1024;

/** Where an object lies and what it is. */
export interface Target {
  readonly Bucket: string;
  readonly Key: string;
  readonly ContentType: string;
}

/** Puts an object of any size: at once, or in parts, of which none stays behind when it fails. */
export async function putObject(
  s3: S3Client,
  target: Target,
  body: Buffer,
  abortSignal: AbortSignal,
): Promise<void> {
  if (body.length <= PART_SIZE_BYTES) {
    await s3.send(new PutObjectCommand({ ...target, Body: body, ContentLength: body.length }), {
      abortSignal,
    });
    return;
  }
  const { Bucket, Key } = target;
  const { UploadId } = await s3.send(new CreateMultipartUploadCommand(target), { abortSignal });
  try {
    const Parts: { PartNumber: number; ETag: string | undefined }[] = [];
    for (let from = 0; from < body.length; from += PART_SIZE_BYTES) {
      const PartNumber = Parts.length + 1;
      const Body = body.subarray(from, from + PART_SIZE_BYTES);
      const part = new UploadPartCommand({ Bucket, Key, UploadId, PartNumber, Body });
      Parts.push({ PartNumber, ETag: (await s3.send(part, { abortSignal })).ETag });
    }
    const complete = { Bucket, Key, UploadId, MultipartUpload: { Parts } };
    await s3.send(new CompleteMultipartUploadCommand(complete), { abortSignal });
  } catch (error) {
    await s3.send(new AbortMultipartUploadCommand({ Bucket, Key, UploadId }));
    throw error;
  }
}
