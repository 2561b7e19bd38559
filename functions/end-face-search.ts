import type { SQSBatchResponse, SQSEvent } from "aws-lambda";
import * as v from "valibot";
import { faceSessionsTable } from "../aws/face-sessions.ts";
import { streamFragments } from "../aws/fragments.ts";
import { sessionQueue } from "../aws/queues.ts";
import { faceProcessors } from "../aws/rekognition.ts";
import { detectionsTopic } from "../aws/topic.ts";
import { systemClock } from "../base/clock.ts";
import { runCheck } from "../engines/face-search/check.ts";
import type { CheckParts } from "../engines/face-search/parts.ts";
import { sessionMessage } from "../schemas/engine-session.ts";
import { handled } from "./_queue.ts";
import { environment } from "./_runtime.ts";
import { loggedSessions } from "./_session-records.ts";

const parts: CheckParts = {
  now: systemClock.now,
  sessions: loggedSessions(faceSessionsTable(environment("FACE_SESSIONS_TABLE"))),
  ...sessionQueue(environment("FACE_CHECK_QUEUE_URL")),
  ...faceProcessors(),
  fragments: streamFragments(),
  ...detectionsTopic(environment("DETECTIONS_TOPIC_ARN")),
};

/**
 * Checks sessions of the engine `face-search`, and ends those that are over. One after another: StopStreamProcessor is
 * limited to one call a second.
 */
export const handler = async ({ Records }: SQSEvent): Promise<SQSBatchResponse> => {
  const batchItemFailures: SQSBatchResponse["batchItemFailures"] = [];
  for (const record of Records)
    batchItemFailures.push(
      ...(await handled(record, "check failed", (message) =>
        runCheck(parts, v.parse(sessionMessage, message)),
      )),
    );
  return { batchItemFailures };
};
