import * as v from "valibot";
import type { Action } from "../../api/action.ts";
import { invalidParameter, logGroupNotFound } from "../errors.ts";
import { filterPattern, PatternError } from "../filter-pattern.ts";
import type { Logs } from "../state.ts";
import { logGroupArn } from "../resources.ts";

/** Documented (CloudWatch Logs API reference, FilterLogEvents). */
const MAX_EVENTS = 10_000;
/** A page of AWS has at most 1 MB (documented). */
const MAX_PAGE_CHARACTERS = 1_000_000;

const STREAM = "local";

const time = v.pipe(v.number(), v.integer(), v.minValue(0));

const input = v.pipe(
  v.strictObject({
    logGroupName: v.optional(v.pipe(v.string(), v.minLength(1), v.maxLength(512))),
    logGroupIdentifier: v.optional(v.pipe(v.string(), v.minLength(1), v.maxLength(2048))),
    logStreamNames: v.optional(v.array(v.string())),
    logStreamNamePrefix: v.optional(v.string()),
    startTime: v.optional(time, 0),
    endTime: v.optional(time, Number.MAX_SAFE_INTEGER),
    filterPattern: v.optional(v.pipe(v.string(), v.maxLength(1024)), ""),
    limit: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(MAX_EVENTS)), MAX_EVENTS),
    nextToken: v.optional(v.pipe(v.string(), v.regex(/^\d{56}$/, "is not one that this call returned"))),
    interleaved: v.optional(v.boolean()),
    unmask: v.optional(v.boolean()),
  }),
  v.check(
    ({ logGroupName, logGroupIdentifier }) =>
      (logGroupName === undefined) !== (logGroupIdentifier === undefined),
    "give logGroupName or logGroupIdentifier, not both",
  ),
);

type Input = v.InferOutput<typeof input>;

/** A group's name, or the end of its ARN. */
const groupOf = ({ logGroupName, logGroupIdentifier = "" }: Input): string =>
  logGroupName ?? logGroupIdentifier.replace(/^arn:.*:log-group:/, "").replace(/:\*$/, "");

/** Returns the lines of a group in time, oldest first; each group has one stream. */
export const filterLogEvents: Action<Logs, Input, unknown> = {
  input,
  resources: (request, { cloud }) => `${logGroupArn(cloud, groupOf(request))}:*`,
  run: (request, { state }) => {
    const { logStreamNames, logStreamNamePrefix = "", startTime, endTime, limit, nextToken = "" } = request;
    const lines = state.of(groupOf(request));
    if (!lines) throw logGroupNotFound();
    const matches = patternOf(request.filterPattern);
    const isOfStream =
      (logStreamNames ?? [STREAM]).includes(STREAM) && STREAM.startsWith(logStreamNamePrefix);
    const found = lines.filter(
      ({ id, atMs, message }) =>
        isOfStream && id > nextToken && atMs >= startTime && atMs < endTime && matches(message),
    );
    let size = 0;
    const page = found
      .slice(0, limit)
      .filter(({ message }) => (size += message.length) <= MAX_PAGE_CHARACTERS);
    return {
      events: page.map(({ id, atMs, message }) => ({
        logStreamName: STREAM,
        timestamp: atMs,
        message,
        ingestionTime: atMs,
        eventId: id,
      })),
      searchedLogStreams: [],
      ...(page.length > 0 && page.length < found.length && { nextToken: page.at(-1)!.id }),
    };
  },
};

function patternOf(pattern: string): ReturnType<typeof filterPattern> {
  try {
    return filterPattern(pattern);
  } catch (error) {
    throw error instanceof PatternError
      ? invalidParameter(`Invalid filter pattern: ${error.message}`)
      : error;
  }
}
