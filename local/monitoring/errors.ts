import { AwsError } from "../errors.ts";

export const invalidCombination = (message: string): AwsError =>
  new AwsError("InvalidParameterCombinationException", message);

export const invalidParameter = (message: string): AwsError =>
  new AwsError("InvalidParameterException", message);

export const logGroupNotFound = (): AwsError =>
  new AwsError("ResourceNotFoundException", "The specified log group does not exist.");
