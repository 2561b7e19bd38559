/** The one list of the fields that the functions' log lines may have beside level, message, timestamp and service. */

/** `service` of every log line and metric. */
export const SERVICE = "doorstep";

interface LogField {
  readonly type: "string" | "number" | "object";
  readonly about: string;
}

export const LOG_FIELDS = {
  cameraId: { type: "string", about: "The camera, as in the registry and in every table." },
  sessionId: { type: "string", about: "The engine's session, as in every table." },
  eventId: { type: "string", about: "The engine's notification, `event_id` in the lake." },
  messageId: { type: "string", about: "The SNS or SQS message that the function was invoked with." },
  recordId: { type: "string", about: "Firehose's id of a record, the same at every attempt." },
  streamName: { type: "string", about: "The camera's Kinesis video stream." },
  processorName: {
    type: "string",
    about: "What the camera's sessions run on; for a stream processor, its name.",
  },
  table: { type: "string", about: "The lake's table for which a record was meant." },
  state: { type: "string", about: "State of the camera's session after the call." },
  retry: { type: "string", about: "Why a start is repeated later." },
  blocked: { type: "string", about: "What keeps motion from being analysed: `schedule` or `budget`." },
  problem: { type: "string", about: "Type of the problem details with which a request was refused." },
  credential: {
    type: "string",
    about: "What an accepted request authenticated with: `signature` or `token`.",
  },
  check: {
    type: "string",
    about:
      "The header or parameter for which a credential was refused; `credential` if the request has none.",
  },
  signedText: {
    type: "string",
    about:
      "The text that a refused signature must cover, without anything that may be a key; a device's own body is replaced by its length and hash.",
  },
  clockSkewMs: {
    type: "number",
    about: "How far the timestamp of a signed request is behind; negative if it is ahead.",
  },
  reason: {
    type: "string",
    about:
      "What was wrong, where, and what was expected; no text of a notification, and of a motion request at most short words.",
  },
  personId: { type: "string", about: "An enrolled person's random id; names are in no log." },
  alertId: { type: "string", about: "The alert of a motion, the same in every revision." },
  ruleId: { type: "string", about: "The alert rule." },
  targetId: { type: "string", about: "The target of an alert." },
  host: { type: "string", about: "The host of a target; its path may contain a secret and is never logged." },
  processedMs: { type: "number", about: "Duration of the video that the session analysed, milliseconds." },
  revision: { type: "number", about: "The alert's revision, which grows with each change." },
  attempt: { type: "number", about: "How often the message to the target was received, with this time." },
  woken: { type: "number", about: "Sessions that were due and were woken." },
  error: { type: "object", about: "An unexpected error: its name, message, location, stack and cause." },
} as const satisfies Readonly<Record<string, LogField>>;

interface Types {
  readonly string: string;
  readonly number: number;
  readonly object: unknown;
}

/** The fields of a log line; a field that is not in the list does not compile. */
export type LogFields = {
  readonly [Name in keyof typeof LOG_FIELDS]?: Types[(typeof LOG_FIELDS)[Name]["type"]] | undefined;
};
