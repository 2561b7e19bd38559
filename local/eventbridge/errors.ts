import { AwsError } from "../errors.ts";

export const ruleNotFound = (name: string, busName: string): AwsError =>
  new AwsError("ResourceNotFoundException", `Rule ${name} does not exist on EventBus ${busName}.`);

export const busNotFound = (name: string): AwsError =>
  new AwsError("ResourceNotFoundException", `Event bus ${name} does not exist.`);

export const entriesTooLarge = (): AwsError =>
  new AwsError("ValidationException", "Total size of the entries in the request is over the limit.");

/** An event pattern that EventBridge refuses. */
export class PatternError extends Error {
  /** @param path the field in question; empty for the pattern as a whole */
  constructor(path: string, reason: string) {
    super(`Event pattern is not valid. Reason: ${path ? `${path}: ` : ""}${reason}`);
    this.name = "InvalidEventPatternException";
  }
}
