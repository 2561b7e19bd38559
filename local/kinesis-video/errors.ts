import { AwsError } from "../errors.ts";

/** An error whose message says what is wrong with the request or the media. */
const error =
  (code: string, status?: number) =>
  (message: string): AwsError =>
    new AwsError(code, message, status);

export const invalidArgument = error("InvalidArgumentException");
export const invalidCodecPrivateData = error("InvalidCodecPrivateDataException");
export const invalidMediaFrame = error("InvalidMediaFrameException");
export const noDataRetention = error("NoDataRetentionException");
export const resourceNotFound = error("ResourceNotFoundException", 404);
export const unsupportedMedia = error("UnsupportedStreamMediaTypeException");
/** Documented by this name (GetImages), though the model of the API has no such error. */
export const illegalArgument = error("IllegalArgumentException");
export const validationFailed = error("ValidationException");
export const unknownOperation = error("UnknownOperationException", 404);
/** 403 is what players see (observed; the API reference has both 403 and 401). */
export const notAuthorized = error("NotAuthorizedException", 403);

/** Documented: CreateStream. */
export const streamLimitExceeded = (limit: number): AwsError =>
  new AwsError(
    "AccountStreamLimitExceededException",
    `The account has ${limit} streams, as many as it may; delete one first.`,
  );

export const streamExists = (name: string): AwsError =>
  new AwsError("ResourceInUseException", `The stream ${name} already exists.`);

export const versionMismatch = (name: string): AwsError =>
  new AwsError(
    "VersionMismatchException",
    `The stream version that you specified is not the latest version of stream ${name}; DescribeStream returns it.`,
  );

export const tooManyTags = (count: number, limit: number): AwsError =>
  new AwsError(
    "TagsPerResourceExceededLimitException",
    `The stream would have ${count} tags; at most ${limit}.`,
  );

/** Documented: service quotas, PutMedia and GetMedia. */
export const connectionLimitExceeded = (limit: number, api: string, arn: string): AwsError =>
  new AwsError(
    "ConnectionLimitExceededException",
    `Kinesis Video Streams has throttled the request because you have exceeded the limit of allowed client ` +
      `connections: ${limit} for ${api} on ${arn}.`,
  );

/** @param quota e.g. `5 GetMedia a second for <stream ARN>` */
export const clientLimitExceeded = (quota: string): AwsError =>
  new AwsError(
    "ClientLimitExceededException",
    "Kinesis Video Streams has throttled the request because you have exceeded the limit of allowed client calls: " +
      `${quota}. Try making the call later.`,
  );

export const missingCodecPrivateData = (trackNumber: number): AwsError =>
  new AwsError(
    "MissingCodecPrivateDataException",
    `No codec private data was found in track ${trackNumber} of the stream.`,
  );

/** The text for `streaming` is observed, that for `clip` unconfirmed. */
export const noFragments = (request: "clip" | "streaming"): AwsError =>
  resourceNotFound(`No fragments found in the stream for the ${request} request.`);
