import type { SNSEvent } from "aws-lambda";
import * as v from "valibot";
import { cameraIdOf, streamNameOf } from "../core/camera.ts";
import { readStartRequest } from "../core/lake/start-request.ts";
import { streamProcessingComplete } from "../schemas/notification.ts";
import { reasonOf } from "../schemas/reason.ts";
import { find, note } from "../core/sessions/drive.ts";
import { environment } from "./_environment.ts";
import { log } from "./_log.ts";
import { records } from "./_records.ts";

const cameraStreamPrefix = environment("CAMERA_STREAM_PREFIX");

/**
 * The end of a session, from the topic; the next of the chain is left to driveSession. Lambda hands over one message an
 * event (documented: LAM with-sns); what throws here is retried twice and then kept in the undelivered queue.
 */
export const handler = async ({ Records }: SNSEvent): Promise<void> => {
  for (const { Sns } of Records) await close(Sns.MessageId, Sns.Message);
};

async function close(messageId: string, message: string): Promise<void> {
  const parsed = v.safeParse(streamProcessingComplete, JSON.parse(message), { abortEarly: true });
  if (!parsed.success) throw new Error(`not the end of a session: ${reasonOf(parsed.issues)}`);
  const { eventId, sessionId, inputInformation, startStreamProcessorRequest } = parsed.output;
  const { streamArn, processedVideoDurationMillis: processedMs } = inputInformation.kinesisVideo;
  const cameraId = cameraIdOf(streamNameOf(streamArn), cameraStreamPrefix);
  const { startedAtMs: videoStartMs } = readStartRequest(startStreamProcessorRequest);

  const heard = { kind: "session-complete", sessionId, processedMs, videoStartMs } as const;
  const { isNews } = await note(records, await find(records, cameraId), heard);
  const fields = { cameraId, sessionId, eventId, messageId };
  if (isNews) log.info("session completed", { ...fields, processedMs });
  else log.info("end of session ignored: it is known, or not the camera's current one", fields);
}
