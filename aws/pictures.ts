import { GetObjectCommand, HeadObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { getSignedUrl } from "@aws-sdk/s3-request-presigner";
import { isResponse } from "./responses.ts";

const defaultClient = /* @__PURE__ */ new S3Client({});

/** Pictures of evidence, by their addresses `s3://bucket/key`. */
export const pictures = (client = defaultClient) => ({
  /**
   * Whether S3 has the picture. A role without s3:ListBucket gets 403 in place of 404 for what is not there (documented:
   * HeadObject, permissions), so a picture that the role may not read counts as not stored.
   * @throws RangeError for text that is no such address, or the client's error
   */
  async isStored(uri: string): Promise<boolean> {
    try {
      await client.send(new HeadObjectCommand(placeOf(uri)));
      return true;
    } catch (error) {
      if (isResponse(error) && [403, 404].includes(error.$metadata.httpStatusCode)) return false;
      throw error;
    }
  },

  /**
   * An address by which anyone can fetch the picture for so long, or until the credentials that sign it expire
   * (documented: S3, presigned URLs). No call is made.
   * @throws RangeError for text that is no such address
   */
  presignedUrl: (uri: string, seconds: number): Promise<string> =>
    getSignedUrl(client, new GetObjectCommand({ ...placeOf(uri), ResponseContentType: "image/jpeg" }), {
      expiresIn: seconds,
    }),
});

function placeOf(uri: string): { Bucket: string; Key: string } {
  const [, Bucket, Key] = /^s3:\/\/([^/]+)\/(.+)$/s.exec(uri) ?? [];
  if (Bucket === undefined || Key === undefined)
    throw new RangeError(`${uri} is no address of an object in S3`);
  return { Bucket, Key };
}
