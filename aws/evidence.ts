import { PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { EVIDENCE_PREFIX } from "../schemas/images.ts";

const defaultClient = /* @__PURE__ */ new S3Client({});

/** The bucket of evidence. */
export const evidenceBucket = (bucket: string, client = defaultClient) => ({
  /**
   * Stores an image; one that is there under the same key is replaced.
   * @param key below {@link EVIDENCE_PREFIX}
   * @returns its address, `s3://bucket/key`
   * @throws the client's error
   */
  async putImage(key: string, jpeg: Uint8Array): Promise<string> {
    const Key = `${EVIDENCE_PREFIX}/${key}`;
    await client.send(new PutObjectCommand({ Bucket: bucket, Key, Body: jpeg, ContentType: "image/jpeg" }));
    return `s3://${bucket}/${Key}`;
  },
});
