import {
  DeleteObjectsCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  type S3Client,
} from "@aws-sdk/client-s3";

/** The most keys of one DeleteObjects call (documented), and of a page of a listing. */
const BATCH_SIZE = 1000;
const MAX_PAGES = 100_000;

/** The objects of the lake's bucket. */
export const lakeObjects = (bucket: string, client: S3Client) => ({
  async put(key: string, body: Buffer): Promise<void> {
    await client.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: body }));
  },

  /**
   * Deletes every object under the prefix whose key is chosen; returns how many.
   * @throws Error that names a key that could not be deleted; another call goes on with the rest
   */
  async remove(prefix: string, isChosen: (key: string) => boolean, signal?: AbortSignal): Promise<number> {
    let removed = 0;
    let token: string | undefined;
    for (let page = 0; page < MAX_PAGES; page++) {
      signal?.throwIfAborted();
      const { Contents = [], NextContinuationToken } = await client.send(
        new ListObjectsV2Command({
          Bucket: bucket,
          Prefix: prefix,
          MaxKeys: BATCH_SIZE,
          ContinuationToken: token,
        }),
      );
      const keys = Contents.flatMap(({ Key }) => (Key !== undefined && isChosen(Key) ? [Key] : []));
      if (keys.length > 0) {
        const Objects = keys.map((Key) => ({ Key }));
        const { Errors = [] } = await client.send(
          new DeleteObjectsCommand({ Bucket: bucket, Delete: { Objects, Quiet: true } }),
        );
        const [failure] = Errors;
        if (failure) throw new Error(`s3://${bucket}/${failure.Key}: ${failure.Message}`);
        removed += keys.length;
      }
      token = NextContinuationToken;
      if (!token) return removed;
    }
    throw new Error(`s3://${bucket}/${prefix} has more than ${MAX_PAGES} pages of objects`);
  },
});
