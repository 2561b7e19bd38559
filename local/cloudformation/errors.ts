import { AwsError } from "../errors.ts";

/** @param existing the name of the only stack, if it exists already */
export const stackNotFound = (name: string | undefined, existing: string | undefined): AwsError =>
  new AwsError("ValidationError", `Stack with id ${name} does not exist; here is ${existing ?? "none yet"}`);
