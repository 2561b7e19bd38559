import { AwsError } from "../errors.ts";

export const greetingNotFound = (name: string): AwsError =>
  new AwsError("ResourceNotFoundException", `There is no greeting ${name}; create it with PutGreeting.`);
