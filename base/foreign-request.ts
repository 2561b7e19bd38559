import type { IncomingHttpHeaders } from "node:http";

/** Who may read a listener's responses beside programs: pages of its own origin, or of any port of this machine. */
export type Pages = "own" | "of this machine";

/**
 * Why a request may come from a web page that has no business with this listener: the part of it that is foreign, or
 * undefined. Programs send neither Origin nor Sec-Fetch-Site, while browsers send one of them on every request across
 * origins, and pages can change neither. A page whose name was rebound to this machine (DNS rebinding) shows by its Host.
 * @param port that the listener listens on
 */
export function foreignPart(
  headers: Pick<IncomingHttpHeaders, "host" | "origin"> & { readonly "sec-fetch-site"?: unknown },
  port: number,
  pages: Pages = "own",
): string | undefined {
  const { host, origin, "sec-fetch-site": site } = headers;
  if (!isLoopback(host, port)) return `Host ${host ?? "missing"}`;
  const isOwnOrigin = origin === undefined || origin.toLowerCase() === `http://${host!.toLowerCase()}`;
  if (!isOwnOrigin && !(pages === "of this machine" && isLoopback(hostOf(origin)))) return `Origin ${origin}`;
  const sites: unknown[] = [undefined, "same-origin", "none", ...(pages === "own" ? [] : ["same-site"])];
  // A page on localhost is of another site than 127.0.0.1; its origin was checked above, if the browser sent one.
  const isOfThisMachine = pages === "of this machine" && origin !== undefined;
  if (!sites.includes(site) && !isOfThisMachine) return `Sec-Fetch-Site ${String(site)}`;
  return undefined;
}

/** Names below localhost are loopback as well (RFC 6761, section 6.3). S3's clients put the bucket there. */
const LOOPBACK = /^(?:127\.0\.0\.1|\[::1\]|(?:[a-z0-9-]+\.)*localhost)(?::(\d{1,5}))?$/i;

/** @param port that has to be named; any by default */
function isLoopback(host: string | undefined, port?: number): boolean {
  const match = host === undefined ? null : LOOPBACK.exec(host);
  return match !== null && (port === undefined || match[1] === String(port) || (port === 80 && !match[1]));
}

const hostOf = (origin: string): string | undefined => /^https?:\/\/([^/]+)$/i.exec(origin)?.[1];
