import { AwsError } from "../errors.ts";

export const entityNotFound = (message: string): AwsError => new AwsError("EntityNotFoundException", message);

export const INVALID_INPUT = "InvalidInputException";

export const invalidInput = (message: string): AwsError => new AwsError(INVALID_INPUT, message);
