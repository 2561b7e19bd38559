import { errorMessage } from "../../base/errors.ts";
import { AwsError } from "../errors.ts";

/** The name of the error of a function that has no concurrency left. */
export const THROTTLED = "TooManyRequestsException";

/** Documented: Lambda, Invoke. */
export const throttled = (): AwsError => new AwsError(THROTTLED, "Rate Exceeded.", 429);

/** The name of the error of a function that its own chain of requests has invoked too often. */
export const RECURSIVE = "RecursiveInvocationException";

/** Documented: Lambda, Invoke, with this message; the status is that of the API's model. */
export const recursiveInvocation = (): AwsError =>
  new AwsError(
    RECURSIVE,
    "Lambda has detected your function being invoked in a recursive loop with other Amazon Web Services resources and stopped your function's invocation.",
  );

export const functionNotFound = (arn: string): AwsError =>
  new AwsError("ResourceNotFoundException", `Function not found: ${arn}`, 404);

/** An error whose message says what is wrong with the request. */
export const invalidParameter = (message: string): AwsError =>
  new AwsError("InvalidParameterValueException", message);

/** The text as users of AWS observe it. */
export const mappingExists = (uuid: string, sourceArn: string, functionName: string): AwsError =>
  new AwsError(
    "ResourceConflictException",
    `An event source mapping with event source arn ("${sourceArn}") and function ("${functionName}") already exists. ` +
      `Please update or delete the existing mapping with UUID ${uuid}`,
    409,
  );

export const mappingNotFound = (uuid: string): AwsError =>
  new AwsError("ResourceNotFoundException", `The resource you requested does not exist: ${uuid}`, 404);

export const unknownInvocationType = (type: string): AwsError =>
  new AwsError(
    "InvalidParameterValueException",
    `the invocation type ${type} is none of Event, RequestResponse and DryRun`,
  );

export const requestTooLarge = (maxBytes: number): AwsError =>
  new AwsError(
    "RequestTooLargeException",
    `Request must be smaller than ${maxBytes} bytes for the InvokeFunction operation`,
    413,
  );

export const payloadNotJson = (error: unknown): AwsError =>
  new AwsError(
    "InvalidRequestContentException",
    `Could not parse request body into json: ${errorMessage(error)}`,
  );
