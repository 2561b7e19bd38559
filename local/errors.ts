/** An error that an AWS API returns to its caller. */
export class AwsError extends Error {
  readonly code: string;
  readonly status: number;

  /**
   * @param code the service's own name of the error, e.g. `ResourceNotFoundException`
   * @param message what is wrong, where, and what to do
   * @param status the HTTP status; 400 by default
   */
  constructor(code: string, message: string, status = 400) {
    super(message);
    this.name = code;
    this.code = code;
    this.status = status;
  }
}

/** An error for the operator of the local cloud: a message that says what to do, shown without a stack. */
export class OperatorError extends Error {
  override readonly name = "OperatorError";
}
