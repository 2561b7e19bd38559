import { gunzipSync } from "node:zlib";
import {
  DeleteObjectCommand,
  GetObjectCommand,
  paginateListObjectsV2,
  PutObjectCommand,
  type S3Client,
} from "@aws-sdk/client-s3";

const GZIP_MAGIC = Buffer.from([0x1f, 0x8b]);

interface ListedObject {
  readonly key: string;
  readonly modifiedAtMs: number;
}

/** The object of an address `s3://bucket/key`; undefined for any other text. */
export function objectAt(uri: string): { readonly Bucket: string; readonly Key: string } | undefined {
  const [, Bucket, Key] = /^s3:\/\/([^/]+)\/(.+)$/s.exec(uri) ?? [];
  return Bucket === undefined || Key === undefined ? undefined : { Bucket, Key };
}

/** The text objects of one bucket. */
export const textObjects = (bucket: string, client: S3Client) => ({
  /** All objects under the prefix, ordered by key. */
  async list(prefix: string): Promise<ListedObject[]> {
    const found: ListedObject[] = [];
    for await (const { Contents = [] } of paginateListObjectsV2(
      { client },
      { Bucket: bucket, Prefix: prefix },
    ))
      found.push(
        ...Contents.map(({ Key, LastModified }) => ({
          key: Key!,
          modifiedAtMs: LastModified?.getTime() ?? 0,
        })),
      );
    return found;
  },

  /** Decompressed where it is gzip, whatever its name. */
  async read(key: string): Promise<string> {
    const { Body } = await client.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
    const bytes = Buffer.from(await Body!.transformToByteArray());
    return (bytes.subarray(0, 2).equals(GZIP_MAGIC) ? gunzipSync(bytes) : bytes).toString("utf8");
  },

  async write(key: string, text: string): Promise<void> {
    await client.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: text }));
  },

  async delete(key: string): Promise<void> {
    await client.send(new DeleteObjectCommand({ Bucket: bucket, Key: key }));
  },
});

export type TextObjects = ReturnType<typeof textObjects>;
