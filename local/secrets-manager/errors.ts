import { AwsError } from "../errors.ts";

export const secretNotFound = (nameOrArn: string): AwsError =>
  new AwsError("ResourceNotFoundException", `Secrets Manager can't find the specified secret: ${nameOrArn}`);
