import { AwsError } from "../errors.ts";

export const notTheOwner = (callerArn: string, roleArn: string): AwsError =>
  new AwsError(
    "AccessDenied",
    `User: ${callerArn} is not authorized to perform: sts:AssumeRole on resource: ${roleArn}; here only the account owner assumes roles`,
    403,
  );

export const unknownRole = (roleArn: string): AwsError =>
  new AwsError("AccessDenied", `The role ${roleArn} does not exist`, 403);
