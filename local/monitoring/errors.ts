import { AwsError } from "../errors.ts";

export const invalidCombination = (message: string): AwsError =>
  new AwsError("InvalidParameterCombinationException", message);
