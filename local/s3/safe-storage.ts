/** The part of fauxqs's file storage that writes to paths which come from requests. */
interface FileStorage {
  upsertObject(bucket: string, object: { readonly key: string }): void;
  deleteObject(bucket: string, key: string): void;
  renameObject(bucket: string, from: string, to: string): void;
  insertMultipartUpload(upload: { readonly bucket: string; readonly key: string }): void;
}

/**
 * Refuses keys whose file would leave the folder of its bucket, whatever the request looked like: a part of a path, of the
 * list to delete or of a source to copy.
 * @param refuse the error of S3 to throw
 */
export function refuseUnsafeKeys(storage: FileStorage, refuse: (message: string) => Error): void {
  const check = (bucket: string, ...keys: readonly string[]): void => {
    for (const name of [bucket, ...keys]) if (isUnsafe(name)) throw refuse(unsafeMessage(name));
  };
  const { upsertObject, deleteObject, renameObject, insertMultipartUpload } = storage;
  storage.upsertObject = function (bucket, object) {
    check(bucket, object.key);
    upsertObject.call(this, bucket, object);
  };
  storage.deleteObject = function (bucket, key) {
    check(bucket, key);
    deleteObject.call(this, bucket, key);
  };
  storage.renameObject = function (bucket, from, to) {
    check(bucket, from, to);
    renameObject.call(this, bucket, from, to);
  };
  storage.insertMultipartUpload = function (upload) {
    check(upload.bucket, upload.key);
    insertMultipartUpload.call(this, upload);
  };
}

/** Whether a name has a part that file systems read as a folder itself or as the one above. */
export const isUnsafe = (name: string): boolean =>
  name.split("/").some((part) => part === "." || part === "..");

export const unsafeMessage = (name: string): string =>
  `${name} has a "." or "..": keys are files on this machine here`;
