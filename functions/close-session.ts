import { Logger } from "@aws-lambda-powertools/logger";
import type { SNSEvent } from "aws-lambda";
import * as v from "valibot";
import { cameraIdOf, streamNameOf } from "../core/camera.ts";
import { readStartRequest } from "../core/start-request.ts";
import { streamProcessingComplete } from "../schemas/notification.ts";
import { reasonOf } from "../schemas/reason.ts";
import { find, note } from "./_drive.ts";
import { environment } from "./_environment.ts";
import { records } from "./_records.ts";

const logger = new Logger();
const cameraStreamPrefix = environment("CAMERA_STREAM_PREFIX");

/**
 * The end of a session, from the topic; the next of the chain is left to driveSession. Lambda hands over one message an
 * event (documented: LAM with-sns); what throws here is retried twice and then kept in the undelivered queue.
 */
export const handler = async ({ Records }: SNSEvent): Promise<void> => {
  for (const { Sns } of Records) await close(Sns.Message);
};

async function close(message: string): Promise<void> {
  const parsed = v.safeParse(streamProcessingComplete, JSON.parse(message), { abortEarly: true });
  if (!parsed.success) throw new Error(`not the end of a session: ${reasonOf(parsed.issues)}`);
  const { sessionId, inputInformation, startStreamProcessorRequest } = parsed.output;
  const { streamArn, processedVideoDurationMillis: processedMs } = inputInformation.kinesisVideo;
  const cameraId = cameraIdOf(streamNameOf(streamArn), cameraStreamPrefix);
  const { startedAtMs: videoStartMs } = readStartRequest(startStreamProcessorRequest);

  const heard = { kind: "session-complete", sessionId, processedMs, videoStartMs } as const;
  const { isNews } = await note(records, await find(records, cameraId), heard);
  if (isNews) logger.info("session completed", { cameraId, sessionId, processedMs });
  else
    logger.info("end of session ignored: it is known, or not the camera's current one", {
      cameraId,
      sessionId,
    });
}
