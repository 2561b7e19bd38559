import type { SQSBatchResponse, SQSEvent } from "aws-lambda";
import * as v from "valibot";
import { callLimit } from "../aws/call-limit.ts";
import { labelDetector } from "../aws/detect-labels.ts";
import { evidenceBucket } from "../aws/evidence.ts";
import { streamFragments } from "../aws/fragments.ts";
import { frameSessionsTable } from "../aws/frame-sessions.ts";
import { streamImages, videoStreams } from "../aws/images.ts";
import { faceQueue, sessionQueue } from "../aws/queues.ts";
import { detectionsTopic } from "../aws/topic.ts";
import { systemClock } from "../base/clock.ts";
import { systemRandom } from "../base/random.ts";
import type { FrameParts } from "../engines/frames/parts.ts";
import { runStep } from "../engines/frames/step.ts";
import { sessionMessage } from "../schemas/engine-session.ts";
import type { MomentImage, NamedLabels } from "../schemas/images.ts";
import { handled } from "./_queue.ts";
import { count, environment, log } from "./_runtime.ts";
import { loggedSessions } from "./_session-records.ts";

const images = streamImages();
const limit = callLimit(environment("CALLS_TABLE"), Number(environment("DETECT_LABELS_PER_SECOND")));
const detector = labelDetector();

/** Calls of this invocation that were throttled. */
let refused = 0;
/** Images of this invocation whose persons could not be sent to the search of faces. */
let unsent = 0;
/** Counts a call that was throttled, and logs why an image is unreadable: the ledger says only that it is. */
function noted<T extends MomentImage | NamedLabels>(result: T, streamName?: string): T {
  if (result.kind === "throttled") refused++;
  if (result.kind === "unreadable") log.info("image unreadable", { streamName, reason: result.reason });
  return result;
}

const parts: FrameParts = {
  now: systemClock.now,
  random: systemRandom,
  sessions: loggedSessions(frameSessionsTable(environment("FRAME_SESSIONS_TABLE"))),
  ...sessionQueue(environment("SAMPLE_QUEUE_URL")),
  imageAt: async (streamName, atMs) => noted(await images.imageAt(streamName, atMs), streamName),
  ...videoStreams(),
  fragments: streamFragments(),
  takeCall: async (priority) => {
    const isTaken = await limit.takeCall(priority);
    if (!isTaken) refused++;
    return isTaken;
  },
  detectLabels: async (...image) => noted(await detector.detectLabels(...image)),
  ...evidenceBucket(environment("EVIDENCE_BUCKET")),
  ...detectionsTopic(environment("DETECTIONS_TOPIC_ARN")),
  ...faceQueue(environment("FACE_QUEUE_URL")),
  personsUnsent: (error, { sessionId, streamName }) => {
    unsent++;
    log.error("persons not sent", error, { sessionId, streamName });
  },
};

/** Handles steps of sessions, all of a batch at the same time: each waits for its own video and its own calls. */
export const handler = async ({ Records }: SQSEvent): Promise<SQSBatchResponse> => {
  refused = 0;
  unsent = 0;
  const failures = await Promise.all(
    Records.map((record) =>
      handled(record, "step failed", (message) => runStep(parts, v.parse(sessionMessage, message))),
    ),
  );
  count({ SamplesRefused: refused || undefined, FacesNotSent: unsent || undefined });
  return { batchItemFailures: failures.flat() };
};
