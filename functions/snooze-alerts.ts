import { alertSettingsTable } from "../aws/alert-settings.ts";
import { systemClock } from "../base/clock.ts";
import { MINUTE_MS } from "../base/durations.ts";
import { readSnoozeToken, type SnoozeLink } from "../core/alerts/links.ts";
import { snoozePage, sentenceOf, type SnoozeState } from "../core/alerts/snooze-page.ts";
import { minutesLeft, readSnooze, snoozable } from "../core/alerts/snooze.ts";
import { Problem } from "../core/problem.ts";
import type { HttpRequest, HttpResponse } from "./_http.ts";
import { acceptsHtml, json, linkHandler, page, readLink } from "./_links.ts";
import { environment, log } from "./_runtime.ts";

/** Of a body that has two short fields. */
const MAX_BODY_LENGTH = 1024;

const settings = alertSettingsTable(environment("ALERT_SETTINGS_TABLE"));

/**
 * `/snooze/{token}`: GET shows what is snoozed, with buttons, and changes nothing, because mail scanners and previews follow
 * links. POST snoozes the camera of the alert or one of its rules, or wakes it.
 */
export const handler = linkHandler(async (request) => {
  const link = await readLink(request, readSnoozeToken);
  return request.requestContext.http.method === "POST"
    ? await snooze(request, link)
    : shown(request, await statesOf(link));
});

async function snooze(request: HttpRequest, link: SnoozeLink): Promise<HttpResponse> {
  const { of, minutes } = readSnooze(fieldsOf(request), link);
  if (minutes > 0) await settings.snooze(of, systemClock.now() + minutes * MINUTE_MS);
  else await settings.wake(of);
  const ruleId = of.kind === "rule" ? of.id : undefined;
  log.info(minutes > 0 ? "alerts snoozed" : "alerts woken", { cameraId: link.cameraId, ruleId });
  return shown(request, await statesOf(link), { of, minutes });
}

/** What the link may snooze, as it is now. */
async function statesOf(link: SnoozeLink): Promise<[SnoozeState, ...SnoozeState[]]> {
  const nowMs = systemClock.now();
  const [camera, ...rules] = snoozable(link).map(async (of) => ({
    of,
    minutes: minutesLeft(await settings.findSnooze(of), nowMs),
  }));
  return [await camera!, ...(await Promise.all(rules))];
}

function shown(
  request: HttpRequest,
  states: [SnoozeState, ...SnoozeState[]],
  done?: SnoozeState,
): HttpResponse {
  if (acceptsHtml(request)) return page(snoozePage(states, done));
  return json({
    ...(done && { done: sentenceOf(done) }),
    snoozes: states.map(({ of, minutes }) => ({ [of.kind]: of.id, minutes })),
  });
}

/** The fields of a form, of JSON, or of the query; a body's win. @throws Problem `invalid-snooze` */
function fieldsOf({ body = "", isBase64Encoded, queryStringParameters }: HttpRequest): object {
  const text = Buffer.from(body, isBase64Encoded ? "base64" : "utf8")
    .toString("utf8")
    .trim();
  if (text.length > MAX_BODY_LENGTH)
    throw new Problem("invalid-snooze", `the body is over ${MAX_BODY_LENGTH} characters`);
  return {
    ...queryStringParameters,
    ...(text.startsWith("{") ? parsed(text) : Object.fromEntries(new URLSearchParams(text))),
  };
}

function parsed(text: string): object {
  try {
    return JSON.parse(text) as object;
  } catch {
    throw new Problem("invalid-snooze", "the body starts like JSON and is none");
  }
}
