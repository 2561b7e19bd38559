import type { SNSEvent } from "aws-lambda";
import * as v from "valibot";
import { cameraIdOf, streamNameOf } from "../core/camera.ts";
import { readStartRequest } from "../core/lake/start-request.ts";
import { applyEvent, findSession } from "../core/sessions/drive.ts";
import { streamProcessingComplete } from "../schemas/notification.ts";
import { reasonOf } from "../schemas/reason.ts";
import { environment, log } from "./_runtime.ts";
import { sessionRecords } from "./_sessions.ts";

const cameraStreamPrefix = environment("CAMERA_STREAM_PREFIX");
const records = sessionRecords();

/**
 * Records the end of a session from the topic; driveSession starts the next of the chain. SNS sends one message per event
 * (documented: Lambda with SNS); an event that fails is retried twice and then kept in the undelivered queue.
 */
export const handler = async ({ Records }: SNSEvent): Promise<void> => {
  for (const { Sns } of Records) await close(Sns.MessageId, Sns.Message);
};

async function close(messageId: string, message: string): Promise<void> {
  const parsed = v.safeParse(streamProcessingComplete, documentOf(message), { abortEarly: true });
  if (!parsed.success) throw new Error(`not a STREAM_PROCESSING_COMPLETE: ${reasonOf(parsed.issues)}`);
  const { eventId, sessionId, engine, frameSampling, inputInformation, startStreamProcessorRequest } =
    parsed.output;
  const { streamArn, processedVideoDurationMillis: processedMs } = inputInformation.kinesisVideo;
  const cameraId = cameraIdOf(streamNameOf(streamArn), cameraStreamPrefix);
  const { startedAtMs: videoStartMs } = readStartRequest(startStreamProcessorRequest);

  const event = {
    kind: "session-completed",
    sessionId,
    engine,
    processedMs,
    videoStartMs,
    frameSampling,
  } as const;
  const { changed } = await applyEvent(records, await findSession(records, cameraId), event);
  const fields = { cameraId, sessionId, eventId, messageId };
  if (changed) log.info("session completed", { ...fields, processedMs });
  else log.info("end of session ignored: a duplicate, or not the camera's current session", fields);
}

/** JSON.parse's own messages quote the text, and this one is logged. */
function documentOf(message: string): unknown {
  try {
    return JSON.parse(message);
  } catch {
    throw new Error("not a STREAM_PROCESSING_COMPLETE: the message is not JSON");
  }
}
