import { HeadObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { ignoreError } from "../base/errors.ts";

const defaultClient = /* @__PURE__ */ new S3Client({});

/** The pictures of detections, in the bucket of evidence. */
export const pictures = (bucket: string, client = defaultClient) => ({
  /**
   * Whether the bucket has the object of an `s3://` address; it has none of another bucket's.
   * @throws the client's error, such as for a role that may not list the bucket: S3 then returns 403 for what is not there
   *   (documented: HeadObject, Permissions)
   */
  async isStored(uri: string): Promise<boolean> {
    const start = `s3://${bucket}/`;
    if (!uri.startsWith(start)) return false;
    const head = new HeadObjectCommand({ Bucket: bucket, Key: uri.slice(start.length) });
    return await client.send(head).then(
      () => true,
      (error: unknown) => ignoreError(error, "NotFound", false),
    );
  },
});
