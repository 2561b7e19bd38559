/** An error's message; of anything else that was thrown, its text. */
export const errorMessage = (error: unknown): string =>
  error instanceof Error ? error.message : String(error);

/** Whatever was thrown, as an error. */
export const asError = (error: unknown): Error => (error instanceof Error ? error : new Error(String(error)));

/** Whether it is an error of that name, e.g. `ResourceNotFoundException`. */
export const isNamed = (error: unknown, name: string): error is Error =>
  error instanceof Error && error.name === name;

/** Whether an error has no message; the AWS SDK then calls it `UnknownError` (observed). */
export const isSilent = ({ message }: Pick<Error, "message">): boolean =>
  message === "" || message === "UnknownError";

/** The value in place of an error of that name. @throws any other error */
export function ignoreError<T>(error: unknown, name: string, value: T): T {
  if (isNamed(error, name)) return value;
  throw error;
}
