import type { PutObjectCommandInput, S3Client } from "@aws-sdk/client-s3";
import { Upload } from "@aws-sdk/lib-storage";

/** Largest body of one request: fauxqs takes no more than 11 MiB at a time. */
const PART_SIZE_BYTES = 8 * 1024 * 1024;

/**
 * Puts an object of any size: at once, or in parts, of which none stays behind when it fails.
 * @throws AbortError once `abortSignal` is aborted
 */
export async function putObject(
  s3: S3Client,
  params: PutObjectCommandInput,
  abortSignal: AbortSignal,
): Promise<void> {
  abortSignal.throwIfAborted();
  const upload = new Upload({ client: s3, params, partSize: PART_SIZE_BYTES, queueSize: 1 });
  const abort = (): void => void upload.abort();
  abortSignal.addEventListener("abort", abort, { once: true });
  try {
    await upload.done();
  } finally {
    abortSignal.removeEventListener("abort", abort);
  }
}
