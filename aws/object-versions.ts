import {
  DeleteObjectsCommand,
  GetObjectCommand,
  ListObjectVersionsCommand,
  PutObjectCommand,
  S3Client,
} from "@aws-sdk/client-s3";
import { chunksOf } from "../base/chunks.ts";

const defaultClient = /* @__PURE__ */ new S3Client({});

/** Documented (DeleteObjects): versions of a call. */
const MAX_DELETED = 1000;
/** The end of a file that is read at first: footers are shorter, and most files are too. */
const TAIL_BYTES = 512 * 1024;

/** A version that has bytes, so no delete marker. */
interface ObjectVersion {
  readonly key: string;
  readonly versionId: string;
  readonly isLatest: boolean;
  readonly sizeBytes: number;
}

/** The objects of a bucket with all their versions, which a plain deletion only hides. */
export const objectVersions = (bucket: string, client = defaultClient) => {
  const get = async (version: { key: string; versionId?: string }, range?: string): Promise<Uint8Array> => {
    const { Body } = await client.send(
      new GetObjectCommand({
        Bucket: bucket,
        Key: version.key,
        VersionId: version.versionId,
        Range: range,
      }),
    );
    return await Body!.transformToByteArray();
  };

  const remove = async (versions: readonly ObjectVersion[]): Promise<void> => {
    for (const chunk of chunksOf(versions, MAX_DELETED)) {
      const Objects = chunk.map(({ key, versionId }) => ({ Key: key, VersionId: versionId }));
      const { Errors = [] } = await client.send(
        new DeleteObjectsCommand({ Bucket: bucket, Delete: { Objects, Quiet: true } }),
      );
      const [failure] = Errors;
      if (failure)
        throw new Error(
          `s3://${bucket}/${failure.Key}: version ${failure.VersionId} was not deleted: ${failure.Message}`,
        );
    }
  };

  return {
    /** Pages of versions in the order of keys, the latest of a key first. All versions of a key are in one page. */
    async *versions(prefix: string, after?: string): AsyncGenerator<ObjectVersion[]> {
      /** Versions of the last key so far, which may go on in the next page. */
      let open: ObjectVersion[] = [];
      let marker: { KeyMarker?: string; VersionIdMarker?: string } =
        after === undefined ? {} : { KeyMarker: after };
      for (;;) {
        const {
          Versions = [],
          IsTruncated,
          NextKeyMarker,
          NextVersionIdMarker,
        } = await client.send(new ListObjectVersionsCommand({ Bucket: bucket, Prefix: prefix, ...marker }));
        const found = [
          ...open,
          ...Versions.map(({ Key = "", VersionId = "null", IsLatest = false, Size = 0 }) => ({
            key: Key,
            versionId: VersionId,
            isLatest: IsLatest,
            sizeBytes: Size,
          })),
        ];
        const lastKey = IsTruncated ? found.at(-1)?.key : undefined;
        open = found.filter(({ key }) => key === lastKey);
        const whole = found.filter(({ key }) => key !== lastKey);
        if (whole.length > 0) yield whole;
        if (!IsTruncated) return;
        marker = {
          ...(NextKeyMarker !== undefined && { KeyMarker: NextKeyMarker }),
          ...(NextVersionIdMarker !== undefined && { VersionIdMarker: NextVersionIdMarker }),
        };
      }
    },

    /** The bytes of a version: the end at once, the rest as it is needed. */
    async open(version: ObjectVersion) {
      const { sizeBytes } = version;
      const tailStart = Math.max(0, sizeBytes - TAIL_BYTES);
      const tail = await get(version, tailStart === 0 ? undefined : `bytes=${tailStart}-${sizeBytes - 1}`);
      return {
        byteLength: sizeBytes,
        slice: async (start: number, end: number = sizeBytes): Promise<ArrayBuffer> =>
          start >= tailStart
            ? copyOf(tail.subarray(start - tailStart, end - tailStart))
            : copyOf(await get(version, `bytes=${start}-${end - 1}`)),
      };
    },

    readVersion: (version: ObjectVersion): Promise<Uint8Array> => get(version),

    read: (key: string): Promise<Uint8Array> => get({ key }),

    async write(key: string, bytes: Uint8Array): Promise<void> {
      await client.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: bytes }));
    },

    /**
     * Deletes versions for good; those that are gone are fine. The latest ones are deleted after the others, so that no older
     * version takes their place for a moment.
     * @throws Error that names a version that is left
     */
    async remove(versions: readonly ObjectVersion[]): Promise<void> {
      await remove(versions.filter(({ isLatest }) => !isLatest));
      await remove(versions.filter(({ isLatest }) => isLatest));
    },
  };
};

const copyOf = (bytes: Uint8Array): ArrayBuffer => Uint8Array.from(bytes).buffer;
