import { AwsError } from "../errors.ts";

export const dotInPath = (path: string): AwsError =>
  new AwsError("InvalidArgument", `${path} has a "." or "..": keys are files on this machine here`);

export const invalidUri = (): AwsError => new AwsError("InvalidURI", "Couldn't parse the specified URI.");
