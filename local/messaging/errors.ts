import { AwsError } from "../errors.ts";

/** SNS has a name of its own for a call that no policy allows (documented: SNS API reference, Common Errors). */
export const authorizationError = (error: unknown): unknown =>
  error instanceof AwsError && error.code === "AccessDeniedException"
    ? new AwsError("AuthorizationError", error.message, error.status)
    : error;
