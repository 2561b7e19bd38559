import { AwsError } from "../errors.ts";
import { unsafeMessage } from "./safe-storage.ts";

export const dotInPath = (path: string): AwsError => new AwsError("InvalidArgument", unsafeMessage(path));

export const invalidUri = (): AwsError => new AwsError("InvalidURI", "Couldn't parse the specified URI.");

export const keyTooLong = (): AwsError => new AwsError("KeyTooLongError", "Your key is too long");

/** EntityTooLarge is S3's code for what exceeds its own limit (documented: S3 API reference, error responses). */
export const entityTooLarge = (maxMib: number): AwsError =>
  new AwsError(
    "EntityTooLarge",
    `a request's body has at most ${maxMib} MiB here; upload the object in parts of that size`,
  );

export const accessDenied = (): AwsError => new AwsError("AccessDenied", "Access Denied", 403);

export const noSuchBucket = (): AwsError =>
  new AwsError("NoSuchBucket", "The specified bucket does not exist", 404);

export const bucketNotEmpty = (): AwsError =>
  new AwsError(
    "BucketNotEmpty",
    "The bucket you tried to delete is not empty. You must delete all versions in the bucket.",
    409,
  );

export const noSuchVersion = (): AwsError =>
  new AwsError("NoSuchVersion", "The specified version does not exist.", 404);

export const invalidVersionId = (): AwsError =>
  new AwsError("InvalidArgument", "Invalid version id specified");

export const emptyVersionId = (): AwsError =>
  new AwsError("InvalidArgument", "Version id cannot be the empty string");

export const deleteMarkerNotAllowed = (): AwsError =>
  new AwsError("MethodNotAllowed", "The specified method is not allowed against this resource.", 405);

export const deleteMarkerCopied = (): AwsError =>
  new AwsError(
    "InvalidRequest",
    "The source of a copy request may not specifically refer to a delete marker by version id.",
  );

export const invalidVersioning = (): AwsError =>
  new AwsError(
    "IllegalVersioningConfigurationException",
    "The versioning configuration specified in the request is invalid: its Status is Enabled or Suspended, and MFA delete is not emulated",
  );

export const malformedXml = (): AwsError =>
  new AwsError(
    "MalformedXML",
    "The XML you provided was not well-formed or did not validate against our published schema",
  );

export const invalidMaxKeys = (): AwsError =>
  new AwsError("InvalidArgument", "Provided max-keys not an integer or within integer range");

export const invalidEncoding = (): AwsError =>
  new AwsError("InvalidArgument", "Invalid Encoding Method specified in Request");

export const invalidContinuationToken = (): AwsError =>
  new AwsError("InvalidArgument", "The continuation token provided is incorrect");

export const versionMarkerWithoutKey = (): AwsError =>
  new AwsError("InvalidArgument", "A version-id marker cannot be specified without a key marker.");

export const emptyVersionMarker = (): AwsError =>
  new AwsError("InvalidArgument", "A version-id marker cannot be empty.");
