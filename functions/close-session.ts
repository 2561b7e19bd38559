import { Logger } from "@aws-lambda-powertools/logger";
import type { SNSEvent } from "aws-lambda";
import * as v from "valibot";
import { sessionsTable } from "../aws/sessions.ts";
import { cameraIdOf, streamNameOf } from "../core/camera.ts";
import { decideClose } from "../core/session.ts";
import { streamProcessingComplete } from "../schemas/notification.ts";
import { reasonOf } from "../schemas/reason.ts";
import { environment } from "./_environment.ts";

const logger = new Logger();
const sessions = sessionsTable(environment("SESSIONS_TABLE"));
const cameraStreamPrefix = environment("CAMERA_STREAM_PREFIX");

/**
 * The end of a session, from the topic. Lambda hands over one message an event (documented: LAM with-sns);
 * what throws here is retried twice and then kept in the undelivered queue.
 */
export const handler = async ({ Records }: SNSEvent): Promise<void> => {
  for (const { Sns } of Records) await close(Sns.Message);
};

async function close(message: string): Promise<void> {
  const parsed = v.safeParse(streamProcessingComplete, JSON.parse(message), { abortEarly: true });
  if (!parsed.success) throw new Error(`not the end of a session: ${reasonOf(parsed.issues)}`);
  const { sessionId, inputInformation } = parsed.output;
  const { streamArn, processedVideoDurationMillis: processedMs } = inputInformation.kinesisVideo;
  const cameraId = cameraIdOf(streamNameOf(streamArn), cameraStreamPrefix);

  const current = await sessions.find(cameraId);
  const decision = decideClose(current, { sessionId, processedMs }, Date.now());
  switch (decision.kind) {
    case "not-yet-known":
      throw new Error(`session ${sessionId} of ${cameraId} ended before its start was recorded; try again`);
    case "ignore":
      logger.info("end of session ignored", { cameraId, sessionId, reason: decision.reason });
      return;
    case "complete":
      if (!(await sessions.move(decision.session, current!.state)))
        throw new Error(`the session of ${cameraId} changed meanwhile; try again`);
      logger.info("session completed", { cameraId, sessionId, processedMs });
  }
}
