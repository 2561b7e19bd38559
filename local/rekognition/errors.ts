import { errorMessage } from "../../base/errors.ts";
import { AwsError } from "../errors.ts";

/**
 * How an account or a Region is refused that has no streaming video, or no DetectLabels, is not documented; reported
 * without any message, for accounts and for Regions (aws/aws-cli#4409).
 */
export const missingHere = (): AwsError => new AwsError("AccessDeniedException", "");

export const invalidPaginationToken = (): AwsError =>
  new AwsError(
    "InvalidPaginationTokenException",
    "NextToken is not a token that this listing returned; omit it to start from the beginning.",
  );

export const imageTooLarge = (bytes: number, limit: number): AwsError =>
  new AwsError("ImageTooLargeException", `The image has ${bytes} bytes; at most ${limit}.`);

export const invalidImageFormat = (): AwsError =>
  new AwsError("InvalidImageFormatException", "Request has invalid image format: expected a JPEG or PNG.");

export const invalidS3Object = (bucket: string, key: string, error: unknown): AwsError =>
  new AwsError(
    "InvalidS3ObjectException",
    `Unable to get s3://${bucket}/${key}: ${errorMessage(error)}. Check object key, Region and/or access permissions.`,
  );

/** Only here: AWS's model is always there. */
export const modelMissing = (reason: string): AwsError =>
  new AwsError("UnknownOperationException", `Images cannot be analysed here: ${reason}.`);

/** Only here, as the one before. */
export const faceModelMissing = (reason: string): AwsError =>
  new AwsError("UnknownOperationException", `Faces cannot be found here: ${reason}.`);

export const collectionNotFound = (id: string): AwsError =>
  new AwsError("ResourceNotFoundException", `The collection id: ${id} does not exist`);

export const collectionExists = (id: string): AwsError =>
  new AwsError("ResourceAlreadyExistsException", `The collection id: ${id} already exists`);

export const userNotFound = (userId: string, collectionId: string): AwsError =>
  new AwsError(
    "ResourceNotFoundException",
    `The user id: ${userId} does not exist in collection ${collectionId}`,
  );

export const userExists = (userId: string): AwsError =>
  new AwsError("ConflictException", `The user id: ${userId} already exists`);

/** Observed for SearchFaces: awsdocs/amazon-rekognition-developer-guide#50. */
export const faceNotFound = (faceId: string, collectionId: string): AwsError =>
  new AwsError(
    "InvalidParameterException",
    `faceId: ${faceId} was not found in the collection ${collectionId}`,
  );

/** That it is an InvalidParameterException is documented; the message is unconfirmed. */
export const noFaceInImage = (): AwsError =>
  new AwsError("InvalidParameterException", "There are no faces in the image. Should be at least 1.");

export const tooManyFacesOfUser = (userId: string, limit: number): AwsError =>
  new AwsError(
    "ServiceQuotaExceededException",
    `User ${userId} has ${limit} faces already, the most it may have.`,
  );

export const collectionIsFull = (limit: number): AwsError =>
  new AwsError("ServiceQuotaExceededException", `The collection has ${limit} faces, the most it may have.`);

export const tokenReused = (): AwsError =>
  new AwsError(
    "IdempotentParameterMismatchException",
    "ClientRequestToken was used before with other parameters; use a new one for each request.",
  );

export const invalidParameter = (message: string): AwsError =>
  new AwsError("InvalidParameterException", message);

export const processorLimitExceeded = (limit: number): AwsError =>
  new AwsError("LimitExceededException", `Stream processor limit exceeded for account, limit - ${limit}.`);

export const processorNotFound = (name: string, region: string): AwsError =>
  new AwsError(
    "ResourceNotFoundException",
    `Stream processor ${name} does not exist in ${region}; create it with CreateStreamProcessor.`,
  );

/** Documented, as are the next two: Rekognition guide, "Error handling". */
export const rateExceeded = (): AwsError =>
  new AwsError("ProvisionedThroughputExceededException", "Provisioned Rate exceeded.");

export const slowDown = (): AwsError =>
  new AwsError("ThrottlingException", "Slow down; sudden increase in rate of requests.");

export const serviceUnavailable = (): AwsError =>
  new AwsError("ThrottlingException", "Service Unavailable", 500);

export const resourceInUse = (message = "Specified resource is in use."): AwsError =>
  new AwsError("ResourceInUseException", message);

/** The error at full concurrency is unconfirmed. */
export const tooManySessions = (limit: number, region: string, kind: "label" | "face search"): AwsError =>
  new AwsError("ThrottlingException", `${limit} ${kind} stream processors run already in ${region}.`);

export const invalidAvailability = (why: string): AwsError =>
  new AwsError("ValidationException", `expected {"open": true} or {"open": false}: ${why}`);

export const invalidClipFile = (suffix: string, why: string): AwsError =>
  new AwsError(
    "ValidationException",
    `expected {"clip": <file name>, "${suffix}": <content of a ${suffix} file>}: ${why}`,
  );
