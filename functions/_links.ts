/** What the functions behind the links in alerts have in common. */
import { readSecret } from "../aws/secrets.ts";
import { systemClock } from "../base/clock.ts";
import { linkKey } from "../core/alerts/keys.ts";
import { hasTokenForm, type ReadLink } from "../core/alerts/links.ts";
import { pageSecurity, problemPage } from "../core/alerts/snooze-page.ts";
import { Problem, problemDetails } from "../core/problem.ts";
import { httpHandler, problemResponse, response, type HttpRequest, type HttpResponse } from "./_http.ts";
import { count, environment } from "./_runtime.ts";

const alertSecretArn = environment("ALERT_SECRET_ARN");

/** The token is in the address, which no other page may learn of. */
const PRIVATE = { "referrer-policy": "no-referrer", "x-content-type-options": "nosniff" };

/** Handles requests of people and programs that follow a link. A browser gets a refusal as a page. */
export const linkHandler = (respond: (request: HttpRequest) => Promise<HttpResponse>) =>
  httpHandler(
    async (request) => withHeaders(await respond(request)),
    (problem, request) => {
      // As a wrong credential: somebody guesses, and each guess costs.
      if (problem.type === "unknown-link") count({ MotionRefused: 1 }, { problem: problem.type });
      const details = problemDetails(problem);
      const html = () => page(problemPage(details), details.status);
      return withHeaders(acceptsHtml(request) ? html() : problemResponse(problem));
    },
  );

const withHeaders = (given: HttpResponse): HttpResponse => ({
  ...given,
  headers: { ...given.headers, ...PRIVATE },
});

/** A page as a response, which loads nothing and may not be shown in a frame. */
export const page = (html: string, status = 200): HttpResponse =>
  response(status, "text/html; charset=utf-8", html, { "content-security-policy": pageSecurity });

export const json = (body: unknown): HttpResponse => response(200, "application/json", JSON.stringify(body));

/** Browsers name it; programs name JSON, or accept anything. */
export const acceptsHtml = ({ headers }: HttpRequest): boolean =>
  headers["accept"]?.includes("text/html") ?? false;

/**
 * Reads the token of a link. For text that cannot be one, nothing is read.
 * @throws Problem `unknown-link` or `expired-link`
 */
export async function readLink<T>(
  { pathParameters }: HttpRequest,
  read: (key: Uint8Array, token: string, nowMs: number) => ReadLink<T>,
): Promise<T> {
  const token = pathParameters?.["token"] ?? "";
  const link = hasTokenForm(token)
    ? read(linkKey(await readSecret(alertSecretArn)), token, systemClock.now())
    : ({ kind: "invalid" } as const);
  if (link.kind === "expired")
    throw new Problem(
      "expired-link",
      "the links in an alert are valid for a day; later alerts have new ones",
    );
  if (link.kind === "invalid")
    throw new Problem("unknown-link", "use the link as the alert has it, with every character");
  return link;
}
