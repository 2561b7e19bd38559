import type { S3Client } from "@aws-sdk/client-s3";
import { putObject } from "../../s3/put-object.ts";
import { QueryError } from "../errors.ts";
import { parseS3Uri } from "../s3-uri.ts";

/** @throws QueryError when the result file may not be written */
export async function writeResult(
  s3: S3Client,
  location: string,
  body: string,
  signal: AbortSignal,
): Promise<void> {
  const { bucket, key } = parseS3Uri(location)!;
  const ContentType = location.endsWith(".csv") ? "text/csv" : "text/plain";
  try {
    await putObject(s3, { Bucket: bucket, Key: key, ContentType, Body: body }, signal);
  } catch (error) {
    const name = error instanceof Error ? error.name : "";
    if (name.startsWith("AccessDenied"))
      throw new QueryError(
        `Access denied when writing output to url: ${location} . Please ensure you are allowed to access the S3 bucket.`,
      );
    if (name === "NoSuchBucket")
      throw new QueryError(`Unable to verify/create output bucket ${bucket}: it does not exist`);
    throw error;
  }
}
