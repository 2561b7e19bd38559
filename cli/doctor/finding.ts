import { asError } from "../../base/errors.ts";
/** `ok`: looked at and fine. `wrong`: to be mended. `unknown`: could not be told, or need not be anything. */
export type Status = "ok" | "wrong" | "unknown";

/** What one look came to. */
export interface Finding {
  readonly status: Status;
  /** What was found, with figures. */
  readonly what: string;
  /** What to do about it, where there is something to do. */
  readonly todo?: string | undefined;
}

export const ok = (what: string): Finding => ({ status: "ok", what });
export const wrong = (what: string, todo: string): Finding => ({ status: "wrong", what, todo });
export const unknown = (what: string, todo?: string): Finding => ({ status: "unknown", what, todo });

/** An error as a finding: what may not be looked at is not known, anything else is wrong. */
export function failed(what: string, error: unknown, permissions: string): Finding {
  const { name, message } = asError(error);
  return isDenied(error)
    ? unknown(`${what} may not be looked at: ${message}`, `allow ${permissions} to whoever runs doctor`)
    : wrong(`${what}: ${name}: ${message}`, `look into ${permissions.split(":")[0]} and run doctor again`);
}

export const isDenied = (error: unknown): boolean =>
  error instanceof Error && /AccessDenied|AuthorizationError|NotAuthorized|Forbidden/.test(error.name);
