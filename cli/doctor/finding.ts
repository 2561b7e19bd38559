import { asError } from "../../base/errors.ts";

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

/** An error as a finding: `unknown` where access is denied, `wrong` for any other error. */
export function failed(what: string, error: unknown, permissions: string): Finding {
  const { name, message } = asError(error);
  return isDenied(error)
    ? unknown(`access to ${what} is denied: ${message}`, `allow ${permissions} for the caller`)
    : wrong(
        `${what}: ${name}: ${message}`,
        `fix the cause in ${permissions.split(":")[0]} and run doctor again`,
      );
}

export const isDenied = (error: unknown): boolean =>
  error instanceof Error && /AccessDenied|AuthorizationError|NotAuthorized|Forbidden/.test(error.name);
