/** What a target's URL says by itself: which format its service expects, and how it is shown. Pure. */
import type { TargetFormat } from "../schemas/alert-target.ts";

/** A format that a URL belongs to, and why. */
export interface GuessedFormat {
  readonly format: TargetFormat;
  readonly why: string;
}

const SLACK_HOST = /^hooks\.slack(?:-gov)?\.com$/;
const NTFY_HOST = /^ntfy\.|\.ntfy\./;

/** The format that a target of this URL most likely has. */
export function guessFormat(url: URL): GuessedFormat {
  const { hostname, pathname } = url;
  if (SLACK_HOST.test(hostname)) return { format: "slack", why: `${hostname} is Slack's` };
  if (pathname.endsWith("/slack"))
    return { format: "slack", why: "its path ends in /slack, by which Discord accepts Slack's messages" };
  if (hostname === "hooks.nabu.casa" || /^\/api\/webhook\/[^/]+\/?$/.test(pathname))
    return { format: "home-assistant", why: "it is the address of a webhook of Home Assistant" };
  if (NTFY_HOST.test(hostname) && topicOf(url) !== undefined)
    return { format: "ntfy", why: `${hostname} looks like an ntfy server, and its path like a topic` };
  return { format: "standard", why: "nothing else is known of its host and path" };
}

/** Why a URL cannot be a target's of this format; undefined if it can. */
export function formatProblem(format: TargetFormat, url: URL): string | undefined {
  if (url.username || url.password)
    return "it has a user name and a password; expected a URL without, and a bearer token in --token";
  if (format === "ntfy" && topicOf(url) === undefined)
    return "ntfy expects the topic as its path, e.g. https://ntfy.sh/my-cameras";
  return undefined;
}

const topicOf = ({ pathname }: URL): string | undefined => /\/([\w-]{1,64})\/?$/.exec(pathname)?.[1];

/** A target's URL without its path and query, which may be secret. */
export function shownUrl(text: string): string {
  const url = URL.parse(text);
  if (!url) return "…";
  return url.pathname === "/" && url.search === "" ? url.origin : `${url.origin}/…`;
}
