import { AwsError } from "../errors.ts";

export const processorNotFound = (name: string, region: string): AwsError =>
  new AwsError(
    "ResourceNotFoundException",
    `Stream processor ${name} does not exist in ${region}; create it with CreateStreamProcessor.`,
  );

export const resourceInUse = (message = "Specified resource is in use."): AwsError =>
  new AwsError("ResourceInUseException", message);
