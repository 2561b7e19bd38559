import { BlockList, isIP } from "node:net";
import { OperatorError } from "../local/errors.ts";
import { formatProblem, guessFormat } from "../operator/alert-url.ts";
import type { TargetFormat } from "../schemas/alert-target.ts";

/** Where `--alert` sends alerts, and what is understood there. */
export interface AlertAddress {
  readonly format: TargetFormat;
  /** Absent for an e-mail. */
  readonly url: string | undefined;
  readonly email: string | undefined;
  /** Whether it is on this machine or in a private network. */
  readonly isPrivate: boolean;
}

const PRIVATE = new BlockList();
for (const [network, prefix] of [
  ["127.0.0.0", 8],
  ["10.0.0.0", 8],
  ["172.16.0.0", 12],
  ["192.168.0.0", 16],
] as const)
  PRIVATE.addSubnet(network, prefix, "ipv4");
PRIVATE.addAddress("::1", "ipv6");
PRIVATE.addSubnet("fc00::", 7, "ipv6");

/** Names that no public DNS has: a single word, and the domains of home networks. */
const PRIVATE_NAME = /^[^.]+$|\.(localhost|local|lan|internal|home\.arpa)$/;

/** More than a typing error rules out: the local SNS checks the rest. */
const EMAIL = /^[^\s@/]+@[^\s@/]+$/;

/**
 * Guesses from an address who reads it: the host or path of ntfy, Slack and Home Assistant, `mailto:`, else a receiver of
 * Standard Webhooks.
 * @throws OperatorError for an address that nothing can be sent to
 */
export function readAlertAddress(text: string): AlertAddress {
  if (text.startsWith("mailto:")) {
    const email = text.slice("mailto:".length);
    if (!EMAIL.test(email)) refuse(text, "expected one address, e.g. mailto:me@example.com");
    return { format: "sns", url: undefined, email, isPrivate: false };
  }
  const url = URL.parse(text);
  if (!url) refuse(text, "expected a URL, e.g. https://ntfy.sh/my-secret-topic");
  if (url.protocol !== "http:" && url.protocol !== "https:")
    refuse(text, "expected https://, mailto:, or http:// for this machine or network");
  const isPrivate = isPrivateHost(url.hostname);
  if (url.protocol === "http:" && !isPrivate)
    refuse(text, `alerts leave this machine and its network encrypted only; expected https://${url.host}`);
  // An address of ntfy without a topic is an error, not a receiver of something else.
  const format = url.hostname === "ntfy.sh" ? "ntfy" : guessFormat(url).format;
  const problem = formatProblem(format, url);
  if (problem !== undefined) refuse(text, problem);
  return { format, url: url.href, email: undefined, isPrivate };
}

function isPrivateHost(hostname: string): boolean {
  const address = hostname.replace(/^\[(.*)\]$/, "$1");
  const family = isIP(address);
  if (family === 0) return PRIVATE_NAME.test(address);
  return PRIVATE.check(address, family === 4 ? "ipv4" : "ipv6");
}

function refuse(text: string, why: string): never {
  throw new OperatorError(`--alert ${text || '""'}: ${why}`);
}
