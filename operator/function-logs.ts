import {
  FilterLogEventsCommand,
  type CloudWatchLogsClient,
  type FilterLogEventsCommandOutput,
} from "@aws-sdk/client-cloudwatch-logs";
import { ignoreError } from "../base/errors.ts";

/** Pages that are read of one log group: on AWS, a page without a match may come before one with matches (documented). */
const MAX_PAGES = 10;

/** A structured log line of a function. */
export interface FunctionLogLine {
  readonly id: string;
  readonly atMs: number;
  readonly fields: Readonly<Record<string, unknown>>;
}

/**
 * The structured log lines of a function that match a pattern, oldest first; none of a function that has not logged yet.
 * FilterLogEvents is free of charge and limited to a few calls a second (documented: CloudWatch Logs quotas).
 * @param pattern a filter pattern of CloudWatch Logs
 */
export async function functionLogs(
  functionName: string,
  pattern: string,
  { fromMs, untilMs }: { readonly fromMs: number; readonly untilMs: number },
  client: CloudWatchLogsClient,
): Promise<FunctionLogLine[]> {
  const found: FunctionLogLine[] = [];
  let nextToken: string | undefined;
  for (let page = 0; page < MAX_PAGES; page++) {
    const request = {
      logGroupName: `/aws/lambda/${functionName}`,
      startTime: fromMs,
      endTime: untilMs,
      filterPattern: pattern,
      nextToken,
    };
    const { events = [], nextToken: next } = await client
      .send(new FilterLogEventsCommand(request))
      .catch((error: unknown) =>
        ignoreError<Pick<FilterLogEventsCommandOutput, "events" | "nextToken">>(
          error,
          "ResourceNotFoundException",
          {},
        ),
      );
    for (const { eventId = "", timestamp = 0, message = "" } of events) {
      const fields = parse(message);
      if (fields) found.push({ id: eventId, atMs: timestamp, fields });
    }
    nextToken = next;
    if (nextToken === undefined) break;
  }
  return found;
}

/** The pattern of lines whose field has one of these values. */
export const anyOf = (field: string, values: readonly string[]): string =>
  `{ ${values.map((value) => `($.${field} = ${JSON.stringify(value)})`).join(" || ")} }`;

function parse(message: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(message);
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}
