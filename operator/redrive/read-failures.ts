import { createHash } from "node:crypto";
import { splitDocuments } from "./json-documents.ts";

/** What a kept message or record turns out to be; or why it cannot be put back. */
export type Read<T> =
  { readonly ok: true; readonly value: T } | { readonly ok: false; readonly reason: string };

const no = (reason: string) => ({ ok: false, reason }) as const;

/** An object from JSON text, or nothing. */
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

/**
 * The notification in a message that a topic could not deliver to a delivery stream: the message itself, as raw delivery
 * has it, or what is in SNS's envelope (which of both a dead-letter queue of a raw subscription gets is unconfirmed).
 */
export function readUndelivered(body: string): string {
  const document = objectOf(body);
  return isEnvelope(document) ? document.Message : body;
}

/**
 * What closeSession is to be invoked with, from a message of its dead-letter queue: the record of a failed invocation
 * (documented: Lambda, asynchronous invocation, destinations) or SNS's envelope, which Lambda spells differently in two
 * names (documented: Lambda with SNS).
 */
export function readFailedEnd(body: string): Read<string> {
  const document = objectOf(body);
  if (!document) return no("the message is no JSON object; expected a notification or a failed invocation");
  if ("requestPayload" in document) return { ok: true, value: JSON.stringify(document["requestPayload"]) };
  if (!isEnvelope(document))
    return no(
      "the message is neither SNS's envelope (Type, Message) nor a failed invocation (requestPayload)",
    );
  const { SigningCertURL, UnsubscribeURL, ...sns } = document as Readonly<Record<string, unknown>>;
  const Sns = { ...sns, SigningCertUrl: SigningCertURL, UnsubscribeUrl: UnsubscribeURL };
  return {
    ok: true,
    value: JSON.stringify({ Records: [{ EventSource: "aws:sns", EventVersion: "1.0", Sns }] }),
  };
}

/** One record of a Firehose error file. */
export interface ErrorRecord {
  /** The line itself, without its end. */
  readonly line: string;
  readonly data: Buffer;
  /** Why Firehose put it there, e.g. `Lambda.ProcessingFailedStatus`. */
  readonly code: string;
  /** When Firehose was given it, epoch milliseconds. */
  readonly arrivedAtMs: number;
  /** The events whose rows `data` holds; empty where it is the record as it came. */
  readonly eventIds: readonly string[];
}

/**
 * A line of a Firehose error file (documented: Firehose, data transformation failure handling; record format conversion
 * error handling), with the names of both kinds and the spellings that were observed.
 */
export function readErrorLine(line: string): Read<ErrorRecord> {
  const document = objectOf(line);
  if (!document) return no("the line is no JSON object; expected a record that Firehose could not handle");
  const { rawData, arrivalTimestamp } = document;
  if (typeof rawData !== "string") return no("rawData is missing; expected the record in base64");
  const code = document["errorCode"] ?? document["lastErrorCode"] ?? document["ErrorCode"];
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
      arrivedAtMs,
      eventIds: eventIdsOfRows(data),
    },
  };
}

/** The `event_id` of the lake's rows in a record; none unless all of it is rows. */
function eventIdsOfRows(data: Buffer): string[] {
  const { documents, unreadable } = splitDocuments(data.toString("utf8"));
  const ids = documents.map((document) => objectOf(document)?.["event_id"]);
  if (unreadable > 0 || ids.length === 0 || !ids.every((id) => typeof id === "string")) return [];
  return [...new Set(ids)];
}

/** The id by which a notification or an entry of the ledger is found again in its rows. */
export function eventIdOf(document: string): string | undefined {
  const id = objectOf(document)?.["eventId"];
  return typeof id === "string" ? id : undefined;
}

/** The same for a record that failed again for the same reason, whatever was different about its second way. */
export function failureId({ code, data, eventIds }: ErrorRecord): string {
  const hash = createHash("sha256").update(`${code}\n`);
  return hash.update(eventIds.length > 0 ? eventIds.toSorted().join("\n") : data).digest("hex");
}
