import { lookup, type LookupAddress } from "node:dns";
import http, { type IncomingMessage } from "node:http";
import https from "node:https";
import { isIP, type LookupFunction } from "node:net";
import { promisify } from "node:util";
import ipaddr from "ipaddr.js";
import { systemClock, type Clock } from "../base/clock.ts";
import { SECOND_MS } from "../base/durations.ts";
import type { WebhookMessage, WebhookOutcome } from "../schemas/webhook.ts";

/** From the name's resolution to the end of the response. */
const TIMEOUT_MS = 10 * SECOND_MS;
/** More of a response than this is not read; its status alone counts. */
const MAX_RESPONSE_BYTES = 64 * 1024;
const GONE = 410;
/** All unicast addresses that IANA has given out are in it. */
const GLOBAL_UNICAST = ipaddr.IPv6.parseCIDR("2000::/3");

interface SenderOptions {
  readonly clock?: Clock;
  readonly timeoutMs?: number;
  /** All addresses of a name. */
  readonly resolve?: (hostname: string) => Promise<readonly LookupAddress[]>;
}

interface WebhookRequest extends WebhookMessage {
  /** Whether it may go to a private address, and without TLS. */
  readonly allowPrivate: boolean;
}

const lookupAll = promisify(lookup);
const resolveAll = (hostname: string): Promise<LookupAddress[]> => lookupAll(hostname, { all: true });

/** Whether an address is of the public Internet. Those that embed another address, such as 6to4's, are not. */
export function isPublic(address: string): boolean {
  if (isIP(address) === 0) return false;
  const parsed = ipaddr.parse(address);
  const isGlobal = parsed.kind() === "ipv4" || parsed.match(GLOBAL_UNICAST);
  return isGlobal && parsed.range() === "unicast";
}

/**
 * Posts webhooks to addresses that users configure, so that none of them reaches what only this machine can: the name is
 * resolved once, every address of it must be public, and the connection goes to one of those. Redirects are not followed.
 */
export const webhookSender = ({
  clock = systemClock,
  timeoutMs = TIMEOUT_MS,
  resolve = resolveAll,
}: SenderOptions = {}) => ({
  /** Makes one attempt. It does not throw. */
  async post({ url: address, headers, body, allowPrivate }: WebhookRequest): Promise<WebhookOutcome> {
    const aborting = new AbortController();
    const { signal } = aborting;
    const timer = clock.after(timeoutMs, () => aborting.abort());
    try {
      const destination = await untilAborted(destinationOf(address, allowPrivate, resolve), signal);
      if ("blocked" in destination) return { kind: "blocked", reason: destination.blocked };
      const { url, addresses } = destination;
      const response = await send(url, headers, body, addresses, signal);
      await discard(response);
      return outcomeOf(response);
    } catch (error) {
      return { kind: "refused", reason: signal.aborted ? tooSlow(timeoutMs) : failureOf(error) };
    } finally {
      timer.cancel();
    }
  },
});

/** Where a webhook goes, or why it must not go there. */
type Destination =
  { readonly url: URL; readonly addresses: readonly LookupAddress[] } | { readonly blocked: string };

/**
 * Resolves a target's URL as the sender does, without sending anything.
 * @throws Error of the resolver, e.g. with the code ENOTFOUND
 */
export async function destinationOf(
  address: string,
  allowPrivate: boolean,
  resolve = resolveAll as NonNullable<SenderOptions["resolve"]>,
): Promise<Destination> {
  const url = URL.parse(address);
  if (!url) return { blocked: "its URL is not valid" };
  if (url.protocol !== "https:" && !(allowPrivate && url.protocol === "http:"))
    return {
      blocked: allowPrivate
        ? "its URL begins with neither https:// nor http://"
        : "its URL does not begin with https://",
    };
  const addresses = await addressesOf(url, resolve);
  const barred = allowPrivate ? undefined : addresses.find((one) => !isPublic(one.address));
  return barred
    ? {
        blocked: `${url.hostname} is at ${barred.address}, which is not a public address, and the target may not be at a private one`,
      }
    : { url, addresses };
}

async function addressesOf(
  { hostname }: URL,
  resolve: NonNullable<SenderOptions["resolve"]>,
): Promise<readonly LookupAddress[]> {
  const literal = hostname.replace(/^\[|\]$/g, "");
  const family = isIP(literal);
  return family > 0 ? [{ address: literal, family }] : await resolve(hostname);
}

/** The response once its headers are there. */
const send = (
  url: URL,
  headers: WebhookMessage["headers"],
  body: string,
  addresses: readonly LookupAddress[],
  signal: AbortSignal,
): Promise<IncomingMessage> =>
  new Promise((resolve, reject) => {
    const bytes = Buffer.from(body);
    const options = {
      method: "POST",
      headers: { ...headers, "content-length": String(bytes.length) },
      lookup: alreadyResolved(addresses),
      // A connection of its own: one that a function keeps while it is frozen is closed when it is used again.
      agent: false as const,
      signal,
    };
    const { request } = url.protocol === "https:" ? https : http;
    request(url, options, resolve).on("error", reject).end(bytes);
  });

const alreadyResolved =
  (addresses: readonly LookupAddress[]): LookupFunction =>
  (_hostname, { all }, callback) => {
    if (all) callback(null, [...addresses]);
    else callback(null, addresses[0]!.address, addresses[0]!.family);
  };

/** Reads and forgets a response, up to what is read of one. What happens to the rest changes nothing. */
async function discard(response: IncomingMessage): Promise<void> {
  let bytes = 0;
  try {
    for await (const chunk of response) {
      bytes += (chunk as Buffer).length;
      if (bytes > MAX_RESPONSE_BYTES) return;
    }
  } catch {
    // It was closed, or took too long.
  }
}

function outcomeOf({ statusCode: status = 0, headers }: IncomingMessage): WebhookOutcome {
  if (status >= 200 && status < 300) return { kind: "accepted", status };
  if (status === GONE) return { kind: "gone", status, reason: `it responded ${status} (gone)` };
  const isRedirect = status >= 300 && status < 400;
  return {
    kind: "refused",
    status,
    retryAfter: headers["retry-after"],
    reason: isRedirect
      ? `it responded ${status}, a redirect, which is not followed: its URL has to be the final one`
      : `it responded ${status}`,
  };
}

const tooSlow = (timeoutMs: number): string => `it did not respond within ${timeoutMs / SECOND_MS} s`;

const FAILURES: Readonly<Record<string, string>> = {
  ENOTFOUND: "its host name does not exist",
  EAI_AGAIN: "its host name could not be resolved",
  ECONNREFUSED: "it refused the connection",
  ECONNRESET: "it closed the connection without a response",
  EHOSTUNREACH: "its host cannot be reached",
  ENETUNREACH: "its network cannot be reached",
  ETIMEDOUT: "it did not accept the connection in time",
};

/** In words, by the error's code: its message may have the URL or what was received. */
function failureOf(error: unknown): string {
  const { code = "unknown" } = error as NodeJS.ErrnoException;
  if (FAILURES[code]) return FAILURES[code];
  if (code.startsWith("HPE_")) return `its response is not HTTP (${code})`;
  return `it could not be reached (${code})`;
}

/** A promise's result, or the signal's reason as soon as it aborts. */
const untilAborted = <T>(promise: Promise<T>, signal: AbortSignal): Promise<T> =>
  Promise.race([
    promise,
    new Promise<never>((_resolve, reject) =>
      signal.addEventListener("abort", () => reject(signal.reason as Error), { once: true }),
    ),
  ]);
