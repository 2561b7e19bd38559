import { AsyncLocalStorage } from "node:async_hooks";
import type { buildApp } from "fauxqs";
import { AwsError } from "../errors.ts";
import {
  bucketNotEmpty,
  deleteMarkerCopied,
  deleteMarkerNotAllowed,
  emptyVersionId,
  invalidVersionId,
  noSuchVersion,
} from "./errors.ts";
import type { S3Store, StoredObject } from "./object-files.ts";
import { idOf, type ObjectVersions } from "./object-versions.ts";
import { isVersionId } from "./version-id.ts";

/** A request that fauxqs handles. */
interface Request {
  /** The version of the object that it reads. */
  readonly versionId: string | undefined;
  /** Whether it reads the object as the source of a copy. */
  readonly isCopy: boolean;
  setHeader(name: string, value: string): void;
}

const COPY_SOURCE = "x-amz-copy-source";

/**
 * Has fauxqs answer requests for versions, and return the headers of versions: in its responses to GetObject, HeadObject,
 * GetObjectAttributes, PutObject, CopyObject, UploadPartCopy and CompleteMultipartUpload.
 * @param asS3Error fauxqs's own form of an error
 */
export function serveVersions(
  app: Pick<ReturnType<typeof buildApp>, "addHook">,
  store: S3Store,
  versions: ObjectVersions,
  asS3Error: (error: AwsError) => Error,
): void {
  const requests = new AsyncLocalStorage<Request>();
  app.addHook("preHandler", (request, reply, done) => {
    const query = (request.query ?? {}) as Record<string, string>;
    const [source, sourceQuery] = String(request.headers[COPY_SOURCE] ?? "").split("?");
    const isCopy = source !== "";
    if (isCopy) request.headers[COPY_SOURCE] = source;
    const versionId = isCopy
      ? (new URLSearchParams(sourceQuery).get("versionId") ?? undefined)
      : query["versionId"];
    const setHeader = (name: string, value: string): void => void reply.header(name, value);
    requests.run({ versionId, isCopy, setHeader }, done);
  });

  const errorsOfS3 = <T>(run: () => T): T => {
    try {
      return run();
    } catch (error) {
      throw error instanceof AwsError ? asS3Error(error) : error;
    }
  };

  /** The version that the request names; nothing for the current one. */
  const named = (bucket: string, key: string): StoredObject | undefined => {
    const request = requests.getStore();
    if (request?.versionId === undefined) return undefined;
    if (request.versionId === "") throw emptyVersionId();
    if (!isVersionId(request.versionId)) throw invalidVersionId();
    const version = store.hasBucket(bucket) ? versions.find(bucket, key, request.versionId) : undefined;
    if (!version && store.hasBucket(bucket)) throw noSuchVersion();
    if (!version?.isDeleteMarker) return version;
    if (request.isCopy) throw deleteMarkerCopied();
    showMarker(request, version);
    request.setHeader("allow", "DELETE");
    request.setHeader("last-modified", version.lastModified.toUTCString());
    throw deleteMarkerNotAllowed();
  };

  const read =
    (current: (bucket: string, key: string) => StoredObject, readBody: boolean) =>
    (bucket: string, key: string): StoredObject =>
      errorsOfS3(() => {
        const request = requests.getStore();
        const version = named(bucket, key);
        if (version === undefined) {
          const [newest] = versions.of(bucket, key);
          if (request && !request.isCopy && newest?.isDeleteMarker) showMarker(request, newest);
        }
        const object = version ?? current(bucket, key);
        if (request && versions.status(bucket))
          request.setHeader(
            request.isCopy ? "x-amz-copy-source-version-id" : "x-amz-version-id",
            idOf(object),
          );
        return version && readBody ? { ...version, body: versions.readBody(bucket, version) } : object;
      });
  store.getObject = read(store.getObject.bind(store), true);
  store.headObject = read(store.headObject.bind(store), false);

  const showWritten = (bucket: string, object: StoredObject): StoredObject => {
    if (versions.status(bucket)) requests.getStore()?.setHeader("x-amz-version-id", idOf(object));
    return object;
  };
  const { putObject, completeMultipartUpload } = store;
  store.putObject = (bucket, ...object) => showWritten(bucket, putObject.call(store, bucket, ...object));
  store.completeMultipartUpload = (uploadId, parts) => {
    const { bucket = "" } = (store as unknown as Uploads).multipartUploads.get(uploadId) ?? {};
    return showWritten(bucket, completeMultipartUpload.call(store, uploadId, parts));
  };

  const deleteBucket = store.deleteBucket.bind(store);
  store.deleteBucket = (bucket) =>
    errorsOfS3(() => {
      if (versions.hasFormer(bucket)) throw bucketNotEmpty();
      deleteBucket(bucket);
    });
}

interface Uploads {
  readonly multipartUploads: ReadonlyMap<string, { readonly bucket: string }>;
}

function showMarker(request: Request, marker: StoredObject): void {
  request.setHeader("x-amz-delete-marker", "true");
  request.setHeader("x-amz-version-id", idOf(marker));
}
