import { createHash } from "node:crypto";
import type { FaceRow } from "../../schemas/tables/face-records.ts";
import { splitDocuments } from "./json-documents.ts";

/** The parsed form of a kept message or record, or the reason why it cannot be put back. */
export type Read<T> =
  { readonly ok: true; readonly value: T } | { readonly ok: false; readonly reason: string };

const no = (reason: string) => ({ ok: false, reason }) as const;

/** Parses a JSON object; undefined for any other text. */
function objectOf(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined;
  }
}

const isEnvelope = (
  document: Readonly<Record<string, unknown>> | undefined,
): document is Readonly<Record<string, unknown>> & { Message: string } =>
  document?.["Type"] === "Notification" && typeof document["Message"] === "string";

/** The message to a target of an alert with a new time of its first attempt, from which its day of attempts counts. */
export function withNewTime(body: string, atMs: number): string {
  const delivery = objectOf(body);
  return delivery ? JSON.stringify({ ...delivery, atMs: Math.round(atMs) }) : body;
}

/**
 * Reads the notification from a message that a topic could not deliver to a delivery stream or a queue: the message itself,
 * as in raw delivery, or the content of SNS's envelope (which of both a raw subscription's dead-letter queue gets is
 * unconfirmed). Any other message, such as an event that EventBridge could not deliver, stays as it is.
 */
export function readUndelivered(body: string): string {
  const document = objectOf(body);
  return isEnvelope(document) ? document.Message : body;
}

/**
 * Reads the payload to invoke closeSession with from a message of its dead-letter queue: the record of a failed invocation
 * (documented: Lambda, asynchronous invocation, destinations), or SNS's envelope, of which Lambda spells two names
 * differently (documented: Lambda with SNS).
 */
export function readFailedEnd(body: string): Read<string> {
  const document = objectOf(body);
  if (!document)
    return no("the message is not a JSON object; expected a notification or a failed invocation");
  if ("requestPayload" in document) return { ok: true, value: JSON.stringify(document["requestPayload"]) };
  if (!isEnvelope(document))
    return no(
      "the message is neither SNS's envelope (Type, Message) nor a failed invocation (requestPayload)",
    );
  const { SigningCertURL, UnsubscribeURL, ...sns } = document as Readonly<Record<string, unknown>>;
  const Sns = { ...sns, SigningCertUrl: SigningCertURL, UnsubscribeUrl: UnsubscribeURL };
  return { ok: true, value: payloadOfEnd(Sns) };
}

/** The payload with which SNS invokes closeSession. */
export const payloadOfEnd = (Sns: object): string =>
  JSON.stringify({ Records: [{ EventSource: "aws:sns", EventVersion: "1.0", Sns }] });

/** One record of a Firehose error file. */
export interface ErrorRecord {
  /** The line, without its line break. */
  readonly line: string;
  readonly data: Buffer;
  /** Why Firehose put it there, e.g. `Lambda.ProcessingFailedStatus`. */
  readonly code: string;
  /** Firehose's message. */
  readonly message: string;
  /** When Firehose received it, epoch milliseconds. */
  readonly arrivedAtMs: number;
  /** Ids of the records whose rows `data` holds; empty where it is the original record. */
  readonly recordIds: readonly string[];
}

/**
 * Reads a line of a Firehose error file (documented: Firehose, data transformation failure handling; record format
 * conversion error handling), with the field names of both kinds and the spellings that were observed.
 */
export function readErrorLine(line: string): Read<ErrorRecord> {
  const document = objectOf(line);
  if (!document) return no("the line is not a JSON object; expected a record that Firehose could not handle");
  const { rawData, arrivalTimestamp } = document;
  if (typeof rawData !== "string") return no("rawData is missing; expected the record in base64");
  const code = document["errorCode"] ?? document["lastErrorCode"] ?? document["ErrorCode"];
  const message = document["errorMessage"] ?? document["lastErrorMessage"];
  const arrivedAtMs = Number(arrivalTimestamp);
  if (!Number.isFinite(arrivedAtMs))
    return no(`arrivalTimestamp is ${String(arrivalTimestamp)}; expected epoch milliseconds`);
  const data = Buffer.from(rawData, "base64");
  return {
    ok: true,
    value: {
      line,
      data,
      code: typeof code === "string" ? code : "unknown",
      message: typeof message === "string" ? message : "no message",
      arrivedAtMs,
      recordIds: idsOfRows(data),
    },
  };
}

/** Whether the transform returned the record as failed (observed: the code in Firehose's error files). */
export const isUnread = ({ code, recordIds }: ErrorRecord): boolean =>
  code === "Lambda.ProcessingFailedStatus" && recordIds.length === 0;

/** Ids of the lake's rows in a record; empty unless the whole record is rows. */
function idsOfRows(data: Buffer): string[] {
  const { documents, unreadable } = splitDocuments(data.toString("utf8"));
  const ids = documents.map((document) => {
    const row = objectOf(document) ?? {};
    return (
      faceRowId(row) ?? idOf(row["event_id"], row["decision"] === undefined ? undefined : row["label_id"])
    );
  });
  if (unreadable > 0 || ids.length === 0 || !ids.every((id) => id !== undefined)) return [];
  return [...new Set(ids)];
}

/** The id that links a notification, a ledger entry or a decision to its rows. */
export function recordIdOf(document: string): string | undefined {
  const { eventId, labelId, type } = objectOf(document) ?? {};
  return idOf(eventId, type === "ALERT_DECISION" ? labelId : undefined);
}

/** The id of a row about a face: what identifies the fact. Undefined for other rows. */
export const faceRowId = (row: Partial<Record<keyof FaceRow, unknown>>): string | undefined =>
  row.face_no === undefined
    ? undefined
    : [row.stream_arn, row.engine, row.seen_at_ms, row.face_no].map(String).join("/");

/** A notification has a decision for each of its labels, with its own event id. */
function idOf(eventId: unknown, labelId: unknown): string | undefined {
  if (typeof eventId !== "string") return undefined;
  return typeof labelId === "string" ? `${eventId}/${labelId}` : eventId;
}

/** An id that stays the same when a record fails again for the same reason. */
export function failureId({ code, data, recordIds }: ErrorRecord): string {
  const hash = createHash("sha256").update(`${code}\n`);
  return hash.update(recordIds.length > 0 ? recordIds.toSorted().join("\n") : data).digest("hex");
}
