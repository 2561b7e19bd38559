import { describeError, explanationOf } from "../../operator/aws-errors.ts";

/** `ok`: checked and fine. `wrong`: has to be fixed. `unknown`: could not be checked, or may be as intended. */
export type Status = "ok" | "wrong" | "unknown";

/** The result of one check. */
export interface Finding {
  readonly status: Status;
  /** What was found, with figures. */
  readonly what: string;
  /** What to do about it. */
  readonly todo?: string | undefined;
}

export const ok = (what: string): Finding => ({ status: "ok", what });
export const wrong = (what: string, todo: string): Finding => ({ status: "wrong", what, todo });
export const unknown = (what: string, todo?: string): Finding => ({ status: "unknown", what, todo });

/**
 * An error as a finding: `unknown` where a policy denies access, `wrong` for any other error.
 * @param permissions the actions that the check needs
 */
export function failed(what: string, error: unknown, permissions: string): Finding {
  const explanation = explanationOf(error);
  const text = explanation?.problem ?? describeError(error);
  if (isDenied(error) && !explanation?.isClosed)
    return unknown(`access to ${what} is denied: ${text}`, `allow ${permissions} for the caller`);
  return wrong(`${what}: ${text}`, explanation?.advice ?? "fix the cause that it names and run doctor again");
}

const isDenied = (error: unknown): boolean =>
  error instanceof Error && /AccessDenied|AuthorizationError|NotAuthorized|Forbidden/.test(error.name);
