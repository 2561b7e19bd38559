import type { PutObjectCommandInput, S3Client } from "@aws-sdk/client-s3";
import { Upload } from "@aws-sdk/lib-storage";

/** Largest body of one request: fauxqs accepts at most 11 MiB. */
const PART_SIZE_BYTES = 8 * 1024 * 1024;

/**
 * Puts an object of any size, in one request or in parts; a failed upload leaves no part behind.
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
