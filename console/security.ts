import { createHash, timingSafeEqual } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";
import { foreignPart } from "../base/foreign-request.ts";
import { secureBytes } from "../base/random.ts";
import { ConsoleProblem } from "./problem.ts";

/** The headers of every response. Scripts, styles, pictures and video come from this server alone; nothing frames the page. */
export const SECURITY_HEADERS: Readonly<Record<string, string>> = {
  "content-security-policy": [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self'",
    "media-src 'self' blob:",
    "connect-src 'self'",
    "form-action 'none'",
    "frame-ancestors 'none'",
    "base-uri 'none'",
  ].join("; "),
  "x-content-type-options": "nosniff",
  "referrer-policy": "no-referrer",
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
};

/** The secret of one start: it is in the address that is printed, and then in the browser's cookie. */
export interface Token {
  readonly value: string;
  /** Whether a text is the token, in a time that does not depend on the text. */
  is(text: string | undefined): boolean;
}

export function newToken(): Token {
  const value = secureBytes(24).toString("base64url");
  const digest = digestOf(value);
  return { value, is: (text) => timingSafeEqual(digestOf(text ?? ""), digest) };
}

const digestOf = (text: string): Buffer => createHash("sha256").update(text).digest();

/** Cookies are of all ports of a host, so that the name has the port: several consoles do not disturb each other. */
const cookieName = (port: number): string => `doorstep-console-${port}`;

/** No script can read it, and no other site's page sends it. */
export const setCookie = (token: Token, port: number): string =>
  `${cookieName(port)}=${token.value}; Path=/; HttpOnly; SameSite=Strict`;

const cookieOf = ({ cookie = "" }: IncomingHttpHeaders, port: number): string | undefined =>
  cookie
    .split(";")
    .map((one) => one.trim())
    .find((one) => one.startsWith(`${cookieName(port)}=`))
    ?.slice(cookieName(port).length + 1);

/** @throws ConsoleProblem for a page of another origin, or a name that was rebound to this machine */
export function refuseForeign(headers: IncomingHttpHeaders, port: number): void {
  const foreign = foreignPart(headers, port);
  if (foreign !== undefined)
    throw new ConsoleProblem(
      403,
      `the console serves its own page and programs of this machine: ${foreign}`,
      `enter the address that was printed into the browser, http://127.0.0.1:${port}/?token=…`,
    );
}

/** @throws ConsoleProblem without the cookie of this start */
export function requireCookie(headers: IncomingHttpHeaders, token: Token, port: number): void {
  if (!token.is(cookieOf(headers, port)))
    throw new ConsoleProblem(
      401,
      "this browser does not have the console's token, or has that of an earlier start",
      "open the address that was printed last: the line that begins with Console",
    );
}

/** @throws ConsoleProblem for a write that is not the page's own: browsers send Origin with every write */
export function requireOwnOrigin({ origin, host }: IncomingHttpHeaders): void {
  if (origin?.toLowerCase() !== `http://${host?.toLowerCase()}`)
    throw new ConsoleProblem(
      403,
      `a write needs the header Origin with the console's own address; it is ${origin ?? "missing"}`,
      `send Origin: http://${host}`,
    );
}
