import type { SQSBatchResponse, SQSEvent } from "aws-lambda";
import { alertSettingsTable } from "../aws/alert-settings.ts";
import { alertCounts, alertsTable } from "../aws/alerts.ts";
import { callLimit } from "../aws/call-limit.ts";
import { camerasTable } from "../aws/cameras.ts";
import { labelDetector } from "../aws/detect-labels.ts";
import { eventBus } from "../aws/event-bus.ts";
import { streamFragments } from "../aws/fragments.ts";
import { streamImages } from "../aws/images.ts";
import { pictures } from "../aws/pictures.ts";
import { alertDeliveryQueue, alertQueue } from "../aws/queues.ts";
import { rowsInto } from "../aws/rows.ts";
import { sessionsTable } from "../aws/sessions.ts";
import { sleep, systemClock } from "../base/clock.ts";
import { driveAlerts, type AlertParts, type AlertSettings } from "../core/alerts/drive.ts";
import { match, type Detection } from "../core/alerts/match.ts";
import { readQueueMessage, type QueueMessage, type ReportedDetection } from "../core/alerts/queue-message.ts";
import type { AlertEvent } from "../core/alerts/reduce.ts";
import { handledTogether } from "../core/alerts/together.ts";
import { alertMetrics } from "../core/metrics.ts";
import { lookForPackage, type LookParts } from "../engines/frames/look.ts";
import type { Session } from "../schemas/session.ts";
import { count, environment, log } from "./_runtime.ts";

const cameraStreamPrefix = environment("CAMERA_STREAM_PREFIX");
const cameras = camerasTable(environment("CAMERAS_TABLE"));
const sessions = sessionsTable(environment("SESSIONS_TABLE"));
const settings = alertSettingsTable(environment("ALERT_SETTINGS_TABLE"));
const { isStored } = pictures();
const rows = rowsInto(environment("ALERTS_DELIVERY_STREAM"));
const bus = eventBus(environment("EVENT_BUS_NAME"));

const lookParts: LookParts = {
  now: systemClock.now,
  sleep: (ms) => sleep(systemClock, ms),
  ...streamImages(),
  fragments: streamFragments(),
  ...callLimit(environment("CALLS_TABLE"), Number(environment("DETECT_LABELS_PER_SECOND"))),
  ...labelDetector(),
};

const parts: AlertParts = {
  now: systemClock.now,
  ...alertsTable(environment("ALERTS_TABLE")),
  ...alertQueue(environment("ALERT_QUEUE_URL")),
  ...alertCounts(environment("ALERT_COUNTS_TABLE")),
  isStored,
  look: (camera, fromMs) => lookForPackage(lookParts, camera, fromMs),
  enter: async (decisions) => {
    const areAccepted = await rows.enter(decisions);
    count(alertMetrics(decisions.filter((_, index) => areAccepted[index])));
    return areAccepted;
  },
  publish: async (events) => {
    const areAccepted = await bus.put(events);
    for (const [index, { type, detail }] of events.entries())
      if (areAccepted[index] && "alertId" in detail)
        log.info("alert published", { cameraId: detail.cameraId, alertId: detail.alertId, state: type });
    return areAccepted;
  },
  ...alertDeliveryQueue(environment("ALERT_DELIVERY_QUEUE_URL")),
};

/** What holds for all messages of an invocation. */
type Account = Pick<AlertSettings, "rules" | "snoozes">;

/**
 * Handles what alerts are decided by: notifications with labels, faces, ends of motion, and wake-ups. The messages of a camera are
 * handled together or one after the other, since each changes the same record, and the cameras at the same time.
 */
export const handler = async ({ Records }: SQSEvent): Promise<SQSBatchResponse> => {
  const [rules, snoozes] = await Promise.all([settings.rules(), settings.snoozes(systemClock.now())]);
  const failed: string[] = [];
  const received = Records.flatMap(({ messageId, body }): Received[] => {
    try {
      return [{ messageId, message: readQueueMessage(body, cameraStreamPrefix) }];
    } catch (error) {
      log.error("message not understood", error, { messageId });
      failed.push(messageId);
      return [];
    }
  });
  const ofCameras = Map.groupBy(received, ({ message }) => message.cameraId);
  await Promise.all(
    [...ofCameras].map(async ([cameraId, ofCamera]) => {
      for (const group of handledTogether(ofCamera))
        if (!(await handled(cameraId, group, { rules, snoozes })))
          failed.push(...group.map(({ messageId }) => messageId));
    }),
  );
  return { batchItemFailures: failed.map((itemIdentifier) => ({ itemIdentifier })) };
};

interface Received {
  readonly messageId: string;
  readonly message: QueueMessage;
}

/** @returns false when it failed, so that the messages are received again */
async function handled(cameraId: string, group: readonly Received[], account: Account): Promise<boolean> {
  try {
    const camera = await cameras.find(cameraId);
    const known: AlertSettings = { ...account, camera };
    const messages = group.map(({ message }) => message);
    await driveAlerts(parts, cameraId, known, await eventOf(cameraId, messages, known));
    return true;
  } catch (error) {
    for (const { messageId } of group) log.error("alerts not decided", error, { cameraId, messageId });
    return false;
  }
}

/** What messages that are handled together say. */
async function eventOf(
  cameraId: string,
  messages: readonly QueueMessage[],
  known: AlertSettings,
): Promise<AlertEvent | undefined> {
  const [first] = messages;
  if (first?.kind === "chain-ended") return first;
  const reported = messages.flatMap((message) => (message.kind === "detected" ? message.detections : []));
  if (reported.length === 0) return undefined;
  const [session, detections] = await Promise.all([
    sessions.find(cameraId),
    Promise.all(reported.map((one) => withPicture(one, known))),
  ]);
  return { kind: "detected", detections: detections.map((one) => withSession(one, session)), session };
}

/** The engine `face-search` does not name the session of a face. */
const withSession = (detection: Detection, session: Session | undefined): Detection => {
  const run = session?.run;
  const isOfRun = run !== undefined && detection.detectedAtMs >= run.videoStartMs;
  return { ...detection, sessionId: detection.sessionId ?? (isOfRun ? (run.sessionId ?? null) : null) };
};

/** Looks for the picture only if a rule takes the detection. A check that fails delays no alert: it is made again. */
async function withPicture(
  detection: ReportedDetection,
  { camera, rules }: AlertSettings,
): Promise<Detection> {
  const isWanted = camera !== undefined && match(rules, camera, detection).kind === "taken";
  const uri = detection.cropUri ?? detection.frameUri;
  return {
    ...detection,
    isPictureStored: isWanted && uri !== null && (await isStored(uri).catch(() => false)),
  };
}
