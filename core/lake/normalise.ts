import { crc32 } from "node:zlib";
import * as v from "valibot";
import { alertDecision, type AlertDecision } from "../../schemas/alert-decision.ts";
import { coverage, type Coverage } from "../../schemas/coverage.ts";
import { face, type Face } from "../../schemas/face.ts";
import {
  labelDetected,
  streamProcessingComplete,
  type DetectedLabel,
  type LabelDetected,
  type StreamProcessingComplete,
} from "../../schemas/notification.ts";
import { describeValue, reasonOf } from "../../schemas/reason.ts";
import type { AlertDecisionRow } from "../../schemas/tables/alert-records.ts";
import { SHORT_KEY_MODULUS, type DetectionRecord } from "../../schemas/tables/detection-records.ts";
import type { FaceRow } from "../../schemas/tables/face-records.ts";
import type { LakeTable } from "../../schemas/tables/lake-tables.ts";
import type { SessionRecord } from "../../schemas/tables/session-records.ts";
import { readEpochMs } from "../../schemas/values.ts";
import { cameraIdOf, streamNameOf } from "../camera.ts";
import { readLabelDetected } from "./read-label-detected.ts";
import { readStartRequest, type StartRequest } from "./start-request.ts";
import { eventHourOf, isoTimestamp, MAX_AHEAD_MS, type EventHour } from "./time.ts";

export interface NormaliseContext {
  /** The table that the record is meant for; a record of another type is rejected. */
  table: LakeTable;
  /** When the notification arrived, epoch milliseconds: its own times may not lie far after it. */
  arrivalMs: number;
  /** The prefix of the fleet's stream names, before the camera's id. */
  cameraStreamPrefix: string;
}

interface Rejected {
  ok: false;
  /** The place in the notification, its value and what was expected. Text is named by its length: reasons are logged. */
  reason: string;
  /** Set where another subscription delivers the notification to its own table, so that nothing is lost here. */
  isDeliveredElsewhere?: true;
}

/** The row of one notification. */
export type Normalised =
  | { ok: true; table: "detection_records"; partition: EventHour; row: DetectionRecord }
  | { ok: true; table: "session_records"; partition: EventHour; row: SessionRecord }
  | { ok: true; table: "alert_records"; partition: EventHour; row: AlertDecisionRow }
  | { ok: true; table: "face_records"; partition: EventHour; row: FaceRow }
  | Rejected;

/** Replaces the schema's messages, which would show the value: it may be an image's address. */
const mismatch = ({ input, expected, type }: v.BaseIssue<unknown>) =>
  `is ${describeValue(input)}; expected ${expected ?? type}`;

const BYTE_ORDER_MARK = "\uFEFF";

const rejected = (reason: string): Rejected => ({ ok: false, reason });

/** The row of one notification's text, or the reason why it has none. Never throws. */
export function normaliseNotification(text: string, context: NormaliseContext): Normalised {
  if (text.startsWith(BYTE_ORDER_MARK))
    return rejected("the record begins with a byte order mark; expected exactly one notification");
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch (error) {
    return rejected(syntaxReason(error));
  }
  return normaliseDocument(document, context);
}

/** The row of one parsed notification, or the reason why it has none. Never throws. */
export function normaliseDocument(document: unknown, context: NormaliseContext): Normalised {
  const { arrivalMs } = context;
  if (!Number.isInteger(arrivalMs) || readEpochMs(arrivalMs) !== arrivalMs) {
    return rejected(`the arrival time is ${String(arrivalMs)}; expected epoch milliseconds`);
  }
  if (typeof document !== "object" || document === null || Array.isArray(document)) {
    return rejected("the record is not a JSON object; expected exactly one notification");
  }
  if ("Type" in document && "Message" in document) {
    return rejected(
      "the record is an SNS envelope; set RawMessageDelivery: true on the topic's Firehose subscription",
    );
  }

  if (context.table === "session_records") {
    if ("type" in document && document.type === "COVERAGE") {
      const parsed = v.safeParse(coverage, document, { abortEarly: true, message: mismatch });
      return parsed.success ? coverageRow(parsed.output, context) : rejected(reasonOf(parsed.issues));
    }
    const parsed = v.safeParse(streamProcessingComplete, document, { abortEarly: true });
    return parsed.success ? sessionRow(parsed.output, context) : rejected(reasonOf(parsed.issues));
  }
  if (context.table === "alert_records") {
    const parsed = v.safeParse(alertDecision, document, { abortEarly: true, message: mismatch });
    return parsed.success ? alertRow(parsed.output, context) : rejected(reasonOf(parsed.issues));
  }
  if (context.table === "face_records") {
    const parsed = v.safeParse(face, document, { abortEarly: true, message: mismatch });
    return parsed.success ? faceRow(parsed.output, context) : rejected(reasonOf(parsed.issues));
  }
  const valid = readLabelDetected(document);
  if (valid) return detectionRow(valid, context);
  const parsed = v.safeParse(labelDetected, document, { abortEarly: true });
  if (parsed.success) return detectionRow(parsed.output, context);
  const failure = rejected(reasonOf(parsed.issues));
  return isCompletion(document) ? { ...failure, isDeliveredElsewhere: true } : failure;
}

/** Whether the filter policy of the sessions' subscription matches the notification: by exactly this type. */
const isCompletion = (document: object): boolean =>
  "eventNamespace" in document &&
  typeof document.eventNamespace === "object" &&
  document.eventNamespace !== null &&
  "type" in document.eventNamespace &&
  document.eventNamespace.type === "STREAM_PROCESSING_COMPLETE";

/** JSON.parse's own messages quote the text, which may hold image addresses, so only the position is returned. */
function syntaxReason(error: unknown): string {
  const [, position] = /after JSON at position (\d+)/.exec(String(error)) ?? [];
  return position === undefined
    ? "the record is not JSON; expected exactly one notification"
    : `the record has more after its first JSON document, at character ${position}; expected exactly one notification`;
}

function detectionRow(notification: LabelDetected, context: NormaliseContext): Normalised {
  const { arrivalMs, cameraStreamPrefix } = context;
  const { eventId, sessionId, inputInformation, labels } = notification;
  const streamArn = inputInformation.kinesisVideo.streamArn;
  const { streamName, cameraId } = namesOf(streamArn, cameraStreamPrefix);
  const { startedAtMs } = startOf(notification, arrivalMs);
  const startedAt = timestampOrNull(startedAtMs);
  const tags = tagsOf(notification);
  const receivedAt = isoTimestamp(arrivalMs);

  let firstDetectedAtMs = Number.POSITIVE_INFINITY;
  for (const [index, { videoMapping }] of labels.entries()) {
    const { producerTimestamp, serverTimestamp, frameOffsetMillis } = videoMapping.kinesisVideoMapping;
    const detectedAtMs = producerTimestamp + frameOffsetMillis;
    if (Math.max(detectedAtMs, serverTimestamp) > arrivalMs + MAX_AHEAD_MS) {
      const [what, timeMs] =
        detectedAtMs > arrivalMs + MAX_AHEAD_MS
          ? ["producerTimestamp + frameOffsetMillis", detectedAtMs]
          : ["serverTimestamp", serverTimestamp];
      return rejected(
        `labels[${index}].videoMapping.kinesisVideoMapping.${what} is ${timeMs} (${isoTimestamp(timeMs)}); ` +
          `expected at most a day after the arrival at ${receivedAt}`,
      );
    }
    firstDetectedAtMs = Math.min(firstDetectedAtMs, detectedAtMs);
  }

  const first = labelFields(labels[0]!);
  const more = labels.length > 1 ? labels.slice(1).map(labelFields) : null;
  const row: DetectionRecord = {
    event_id: eventId,
    session_id: sessionId,
    camera_id: cameraId,
    stream_name: streamName,
    stream_arn: streamArn,
    label_id: first.label_id,
    label: first.label,
    confidence: first.confidence,
    detected_at: isoTimestamp(first.detected_at_ms),
    detected_at_ms: first.detected_at_ms,
    fragment_number: first.fragment_number,
    fragment_server_at: isoTimestamp(first.fragment_server_at_ms),
    fragment_server_at_ms: first.fragment_server_at_ms,
    frame_offset_ms: first.frame_offset_ms,
    box_left: first.box_left,
    box_top: first.box_top,
    box_width: first.box_width,
    box_height: first.box_height,
    frame_image_uri: first.frame_image_uri,
    cropped_image_uri: first.cropped_image_uri,
    session_started_at: startedAt,
    session_started_at_ms: startedAtMs,
    tags,
    received_at: receivedAt,
    received_at_ms: arrivalMs,
    more_labels: more,
    engine: notification.engine,
    short_key: shortKey(eventId, first.fragment_server_at_ms),
    more_keys:
      more?.map(({ label, detected_at_ms, fragment_server_at_ms }) => ({
        label,
        detected_at_ms,
        fragment_server_at_ms,
      })) ?? null,
  };
  return { ok: true, table: "detection_records", partition: eventHourOf(firstDetectedAtMs), row };
}

/** At most 31 bits, so that it is a positive integer of 32. */
const shortKey = (eventId: string, fragmentServerAtMs: number): number =>
  (crc32(eventId) % 32_768) * SHORT_KEY_MODULUS + (fragmentServerAtMs % SHORT_KEY_MODULUS);

/** A label as a field of `more_labels`; the columns of a first label hold the same. */
function labelFields(label: DetectedLabel): NonNullable<DetectionRecord["more_labels"]>[number] {
  const { fragmentNumber, producerTimestamp, serverTimestamp, frameOffsetMillis } =
    label.videoMapping.kinesisVideoMapping;
  return {
    label_id: label.id,
    label: label.name,
    confidence: label.confidence,
    detected_at_ms: producerTimestamp + frameOffsetMillis,
    fragment_number: fragmentNumber,
    fragment_server_at_ms: serverTimestamp,
    frame_offset_ms: frameOffsetMillis,
    box_left: label.boundingBox.left,
    box_top: label.boundingBox.top,
    box_width: label.boundingBox.width,
    box_height: label.boundingBox.height,
    frame_image_uri: label.frameImageUri,
    cropped_image_uri: label.croppedImageUri,
  };
}

function sessionRow(notification: StreamProcessingComplete, context: NormaliseContext): Normalised {
  const { arrivalMs, cameraStreamPrefix } = context;
  const { streamArn, processedVideoDurationMillis } = notification.inputInformation.kinesisVideo;
  const { streamName, cameraId } = namesOf(streamArn, cameraStreamPrefix);
  const { startedAtMs, maxDurationSeconds } = startOf(notification, arrivalMs);
  const endedAtMs = startedAtMs === null ? null : startedAtMs + processedVideoDurationMillis;
  const row: SessionRecord = {
    event_id: notification.eventId,
    source: "engine",
    outcome: "completed",
    reason: null,
    session_id: notification.sessionId,
    camera_id: cameraId,
    stream_name: streamName,
    stream_arn: streamArn,
    processed_ms: processedVideoDurationMillis,
    session_started_at: timestampOrNull(startedAtMs),
    session_started_at_ms: startedAtMs,
    session_ended_at: timestampOrNull(endedAtMs),
    session_ended_at_ms: endedAtMs,
    chain_started_at: null,
    chain_started_at_ms: null,
    max_duration_s: maxDurationSeconds,
    result_message: notification.streamProcessingResults?.message ?? null,
    tags: tagsOf(notification),
    received_at: isoTimestamp(arrivalMs),
    received_at_ms: arrivalMs,
    from_at: null,
    from_at_ms: null,
    engine: notification.engine,
    samples: notification.frameSampling?.samples ?? null,
    longest_gap_ms: notification.frameSampling?.longestGapMillis ?? null,
  };
  return {
    ok: true,
    table: "session_records",
    partition: eventHourOf(startedAtMs ?? arrivalMs),
    row,
  };
}

function coverageRow(entry: Coverage, { arrivalMs }: NormaliseContext): Normalised {
  const { fromMs, untilMs, outcome, chainFromMs = null, startMs = fromMs, processedMs } = entry;
  if (readEpochMs(fromMs) !== fromMs || untilMs < fromMs || untilMs > arrivalMs + MAX_AHEAD_MS)
    return rejected(
      `fromMs is ${fromMs} and untilMs ${untilMs}; expected an ascending interval of the lake's time`,
    );
  if (chainFromMs !== null && (readEpochMs(chainFromMs) !== chainFromMs || chainFromMs > fromMs))
    return rejected(
      `chainFromMs is ${chainFromMs}; expected a time of the lake, not after fromMs, which is ${fromMs}`,
    );
  if (readEpochMs(startMs) !== startMs || startMs > arrivalMs + MAX_AHEAD_MS)
    return rejected(`startMs is ${startMs}; expected a time of the lake`);
  const row: SessionRecord = {
    event_id: entry.eventId,
    source: "ledger",
    outcome,
    reason: entry.reason ?? null,
    session_id: entry.sessionId ?? null,
    camera_id: entry.cameraId,
    stream_name: null,
    stream_arn: null,
    processed_ms: outcome === "completed" ? (processedMs ?? untilMs - fromMs) : outcome === "lost" ? null : 0,
    session_started_at: isoTimestamp(startMs),
    session_started_at_ms: startMs,
    session_ended_at: isoTimestamp(untilMs),
    session_ended_at_ms: untilMs,
    chain_started_at: timestampOrNull(chainFromMs),
    chain_started_at_ms: chainFromMs,
    max_duration_s: entry.maxDurationSeconds ?? null,
    result_message: null,
    tags: null,
    received_at: isoTimestamp(arrivalMs),
    received_at_ms: arrivalMs,
    from_at: isoTimestamp(fromMs),
    from_at_ms: fromMs,
    engine: entry.engine ?? null,
    samples: entry.samples ?? null,
    longest_gap_ms: entry.longestGapMs ?? null,
  };
  return { ok: true, table: "session_records", partition: eventHourOf(startMs), row };
}

function alertRow(decided: AlertDecision, { arrivalMs }: NormaliseContext): Normalised {
  const { detectedAtMs, decidedAtMs } = decided;
  for (const [field, timeMs] of [
    ["detectedAtMs", detectedAtMs],
    ["decidedAtMs", decidedAtMs],
  ] as const)
    if (readEpochMs(timeMs) !== timeMs || timeMs > arrivalMs + MAX_AHEAD_MS)
      return rejected(
        `${field} is ${timeMs}; expected a time of the lake, at most a day after the arrival at ${isoTimestamp(arrivalMs)}`,
      );
  const row: AlertDecisionRow = {
    event_id: decided.eventId,
    label_id: decided.labelId,
    session_id: decided.sessionId,
    camera_id: decided.cameraId,
    label: decided.label,
    confidence: decided.confidence,
    person: decided.person ?? null,
    detected_at: isoTimestamp(detectedAtMs),
    detected_at_ms: detectedAtMs,
    decided_at: isoTimestamp(decidedAtMs),
    decided_at_ms: decidedAtMs,
    decision: decided.decision,
    reason: decided.reason,
    rule_id: decided.ruleId ?? null,
    severity: decided.severity ?? null,
    alert_id: decided.alertId ?? null,
    revision: decided.revision ?? null,
    received_at: isoTimestamp(arrivalMs),
    received_at_ms: arrivalMs,
  };
  return { ok: true, table: "alert_records", partition: eventHourOf(detectedAtMs), row };
}

function faceRow(seen: Face, { arrivalMs }: NormaliseContext): Normalised {
  const { seenAtMs, box } = seen;
  if (readEpochMs(seenAtMs) !== seenAtMs || seenAtMs > arrivalMs + MAX_AHEAD_MS)
    return rejected(
      `seenAtMs is ${seenAtMs}; expected a time of the lake, at most a day after the arrival at ${isoTimestamp(arrivalMs)}`,
    );
  const row: FaceRow = {
    camera_id: seen.cameraId,
    stream_name: seen.streamName,
    stream_arn: seen.streamArn,
    engine: seen.engine,
    session_id: seen.sessionId ?? null,
    fragment_number: seen.fragmentNumber,
    seen_at: isoTimestamp(seenAtMs),
    seen_at_ms: seenAtMs,
    face_no: seen.faceNo,
    face_confidence: seen.confidence,
    box_left: box.left,
    box_top: box.top,
    box_width: box.width,
    box_height: box.height,
    pitch: seen.pitch ?? null,
    roll: seen.roll ?? null,
    yaw: seen.yaw ?? null,
    brightness: seen.brightness ?? null,
    sharpness: seen.sharpness ?? null,
    collection_id: seen.collectionId,
    unsearched_reason: seen.unsearchedReason ?? null,
    matches: seen.matches,
    person_id: seen.personId ?? null,
    similarity: seen.similarity ?? null,
    received_at: isoTimestamp(arrivalMs),
    received_at_ms: arrivalMs,
  };
  return { ok: true, table: "face_records", partition: eventHourOf(seenAtMs), row };
}

let lastStream = { arn: "", prefix: "", streamName: "", cameraId: "" };

/** The names in a stream's ARN, cached because notifications of a camera often follow each other. */
function namesOf(arn: string, prefix: string): { readonly streamName: string; readonly cameraId: string } {
  if (arn !== lastStream.arn || prefix !== lastStream.prefix) {
    const streamName = streamNameOf(arn);
    lastStream = { arn, prefix, streamName, cameraId: cameraIdOf(streamName, prefix) };
  }
  return lastStream;
}

/** The start in the notification. A start too long after the arrival is ignored. */
function startOf(notification: { startStreamProcessorRequest?: unknown }, arrivalMs: number): StartRequest {
  const request = readStartRequest(notification.startStreamProcessorRequest);
  const isPlausible = request.startedAtMs !== null && request.startedAtMs <= arrivalMs + MAX_AHEAD_MS;
  return isPlausible ? request : { ...request, startedAtMs: null };
}

function tagsOf({ tags }: { tags: Record<string, string> | null }): Record<string, string> | null {
  return tags && Object.keys(tags).length > 0 ? tags : null;
}

const timestampOrNull = (epochMs: number | null) => (epochMs === null ? null : isoTimestamp(epochMs));
