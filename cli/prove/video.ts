import {
  CreateStreamProcessorCommand,
  DescribeStreamProcessorCommand,
  RekognitionClient,
  StopStreamProcessorCommand,
} from "@aws-sdk/client-rekognition";
import * as v from "valibot";
import { sleep, type Clock } from "../../base/clock.ts";
import { HOUR_MS } from "../../base/durations.ts";
import { asError, isNamed } from "../../base/errors.ts";
import { pollUntil } from "../../base/poll.ts";
import { LONGEST_PAUSE_MS } from "../../core/sessions/intervals.ts";
import { describeError } from "../../operator/aws-errors.ts";
import { Footage } from "../../operator/footage.ts";
import type { ReceivedNotification } from "../../operator/detections-listener.ts";
import { processorState, removeProcessor } from "../../operator/label-processor.ts";
import { startCommand } from "../../aws/rekognition.ts";
import { readStartRequest } from "../../core/lake/start-request.ts";
import type { Camera } from "../../schemas/camera.ts";
import { uploadClip } from "../../uploader/upload-clip.ts";
import type { Context } from "./context.ts";
import { rivalOf } from "./remove-marks.ts";

/** The shortest session (documented: StartStreamProcessor, 1 to 120 s). */
const SESSION_SECONDS = 1;
const LONG_SESSION_SECONDS = 120;
const ENDS_WITHIN_MS = 90_000;
/** Well before the long session would end by itself. */
const STOPS_WITHIN_MS = 45_000;
const SETTLE_MS = 2000;
const POLL_INTERVAL_MS = 1000;
/** After all video of the proof, but in its hour. */
const BEYOND_VIDEO_MS = 600_000;
const COMPLETES_WITHIN_MS = 15_000;

/**
 * Has Rekognition analyse a stream without video and then a second of video, and checks its responses and notifications.
 * @param sessionIds gets the ids of the sessions with a completion notification, whose rows reach the lake
 */
export async function proveVideo(camera: Camera, sessionIds: string[], context: Context): Promise<void> {
  const client = new RekognitionClient(context.config);
  try {
    await proveEmptyStream(camera, sessionIds, client, context);
    await upload(camera, context);
    const received = await analyse(camera, sessionIds, client, context);
    if (received) {
      checkNotifications(received, context);
      await checkFragments(camera, received, context);
    }
    await proveStop(camera, sessionIds, client, context);
    await proveRival(camera, client, context);
  } finally {
    client.destroy();
  }
}

/** Starts a session before the stream has any video, and stops it if it does not end by itself. */
async function proveEmptyStream(
  { processorName }: Camera,
  sessionIds: string[],
  client: RekognitionClient,
  { outcomes, listener, signal, clock, onProgress, quiet }: Context,
): Promise<void> {
  onProgress("starting a session without video");
  try {
    const { SessionId = "" } = await client.send(
      startCommand({ processorName, videoStartMs: quiet.startMs, maxDurationSeconds: SESSION_SECONDS }),
    );
    // The processor may still show the status before.
    await sleep(clock, SETTLE_MS, signal);
    const tookMs = await untilIdle(processorName, client, clock, signal);
    const state = await processorState(processorName, client);
    const seen = `after ${Math.round((tookMs ?? STOPS_WITHIN_MS) / 1000)} s it is ${state?.status} ${state?.reason ?? ""}`;
    outcomes.record("empty-stream-ends", state?.status === "STOPPED", seen.trim());
    if (tookMs === undefined) {
      await client.send(new StopStreamProcessorCommand({ Name: processorName }));
      await untilIdle(processorName, client, clock, signal);
    }
    if (await listener.untilCompleted(SessionId, COMPLETES_WITHIN_MS, signal)) sessionIds.push(SessionId);
  } catch (error) {
    signal.throwIfAborted();
    outcomes.record("empty-stream-ends", undefined, describeError(error));
  }
}

async function upload({ streamName }: Camera, context: Context): Promise<void> {
  const { config, clip, signal, clock, onProgress, quiet } = context;
  onProgress("uploading a second of video");
  await uploadClip({ ...config, file: clip, streamName, startMs: quiet.startMs, signal, clock });
}

async function analyse(
  { processorName }: Camera,
  sessionIds: string[],
  client: RekognitionClient,
  { listener, outcomes, signal, onProgress, quiet }: Context,
): Promise<ReceivedNotification[] | undefined> {
  onProgress("analysing the video");
  const { SessionId = "" } = await client.send(
    startCommand({ processorName, videoStartMs: quiet.startMs, maxDurationSeconds: SESSION_SECONDS }),
  );
  outcomes.record("start-returns-session-id", SessionId !== "", SessionId || "no SessionId in the response");
  const { Status } = await client.send(new DescribeStreamProcessorCommand({ Name: processorName }));
  // A run this short may have ended already, which proves nothing.
  const isOver = Status === "STOPPED" || Status === "FAILED";
  outcomes.record("label-run-is-starting", isOver ? undefined : Status === "STARTING", `it is ${Status}`);
  const received = await listener.untilCompleted(SessionId, ENDS_WITHIN_MS, signal);
  if (received) sessionIds.push(SessionId);
  else {
    const state = await processorState(processorName, client);
    const seen = `no completion notification within ${ENDS_WITHIN_MS / 1000} s; the processor is ${state?.status ?? "missing"} ${state?.reason ?? ""}`;
    outcomes.record("start-takes-milliseconds", undefined, seen.trim());
  }
  return received;
}

/** Compares what the session processed with the fragments of the video, which all belong to the proof. */
async function checkFragments(
  { streamName }: Camera,
  received: readonly ReceivedNotification[],
  { config, clock, outcomes, quiet: { startMs } }: Context,
): Promise<void> {
  const end = received.map(({ raw }) => v.safeParse(rawEnd, raw)).find(({ success }) => success);
  if (!end?.success) return;
  const { processedVideoDurationMillis: processedMs } = end.output.inputInformation.kinesisVideo;
  const footage = new Footage(streamName, config, clock);
  try {
    const listed = await footage.fragments({ fromMs: startMs, toMs: startMs + BEYOND_VIDEO_MS });
    const listedMs = listed.reduce((sum, { durationMs }) => sum + durationMs, 0);
    // Within what the ledger takes for rounding.
    const addsUp = Math.abs(listedMs - processedMs) <= LONGEST_PAUSE_MS;
    outcomes.record(
      "processed-adds-up",
      processedMs > 0 ? addsUp : undefined,
      `${processedMs} ms were processed, and ${listed.length} fragments have ${listedMs} ms`,
    );
  } finally {
    footage.close();
  }
}

const rawEnd = v.object({
  inputInformation: v.object({ kinesisVideo: v.object({ processedVideoDurationMillis: v.number() }) }),
  startStreamProcessorRequest: v.optional(v.unknown()),
});
const rawLabels = v.object({
  labels: v.array(
    v.object({
      videoMapping: v.object({
        kinesisVideoMapping: v.object({ producerTimestamp: v.number(), serverTimestamp: v.number() }),
      }),
    }),
  ),
});

/** Checks the session's notifications as they were received. */
function checkNotifications(
  received: readonly ReceivedNotification[],
  { outcomes, clock, quiet: { startMs } }: Context,
): void {
  const end = received.map(({ raw }) => v.safeParse(rawEnd, raw)).find(({ success }) => success);
  if (end?.success) {
    const { processedVideoDurationMillis: processed } = end.output.inputInformation.kinesisVideo;
    outcomes.record("start-takes-milliseconds", processed > 0, `${processed} of video were analysed`);
    // A session of a second ends at the end of a fragment, of at most 20 s.
    const isMilliseconds = processed >= 500 && processed <= 25_000;
    outcomes.record("end-is-milliseconds", processed > 0 ? isMilliseconds : undefined, `it is ${processed}`);
    const { startedAtMs, maxDurationSeconds } = readStartRequest(end.output.startStreamProcessorRequest);
    outcomes.record(
      "end-repeats-the-start",
      startedAtMs === startMs && maxDurationSeconds === SESSION_SECONDS,
      `it is ${JSON.stringify(end.output.startStreamProcessorRequest) ?? "nothing"}`,
    );
  }
  const mapping = received
    .map(({ raw }) => v.safeParse(rawLabels, raw))
    .flatMap((parsed) => (parsed.success ? parsed.output.labels : []))
    .map(({ videoMapping }) => videoMapping.kinesisVideoMapping)[0];
  if (!mapping)
    return outcomes.record(
      "labels-are-milliseconds",
      undefined,
      "nothing was detected in the video; try --clip",
    );
  const { producerTimestamp, serverTimestamp } = mapping;
  const areNear =
    Math.abs(producerTimestamp - startMs) < HOUR_MS && Math.abs(serverTimestamp - clock.now()) < HOUR_MS;
  const seen = `they are ${producerTimestamp} and ${serverTimestamp}`;
  outcomes.record("labels-are-milliseconds", areNear, seen);
}

/** Starts a session of two minutes without video, and stops it at once. */
async function proveStop(
  { processorName }: Camera,
  sessionIds: string[],
  client: RekognitionClient,
  context: Context,
): Promise<void> {
  const { outcomes, listener, signal, clock, onProgress, quiet } = context;
  onProgress("stopping a session");
  try {
    await untilIdle(processorName, client, clock, signal);
    const { SessionId = "" } = await client.send(
      startCommand({
        processorName,
        videoStartMs: quiet.startMs + BEYOND_VIDEO_MS,
        maxDurationSeconds: LONG_SESSION_SECONDS,
      }),
    );
    await sleep(clock, SETTLE_MS, signal);
    signal.throwIfAborted();
    await client.send(new StopStreamProcessorCommand({ Name: processorName }));
    const tookMs = await untilIdle(processorName, client, clock, signal);
    const seen = tookMs === undefined ? "it did not end" : `it ended after ${(tookMs / 1000).toFixed(0)} s`;
    outcomes.record("stop-ends-a-label-run", tookMs !== undefined, seen);
    if (await listener.untilCompleted(SessionId, COMPLETES_WITHIN_MS, signal)) sessionIds.push(SessionId);
  } catch (error) {
    signal.throwIfAborted();
    const isRefused = isNamed(error, "ResourceInUseException") || isNamed(error, "InvalidParameterException");
    outcomes.record("stop-ends-a-label-run", isRefused ? false : undefined, describeError(error));
  }
}

/** @returns how long it took, in milliseconds; undefined when the processor still runs */
const untilIdle = (
  name: string,
  client: RekognitionClient,
  clock: Clock,
  signal: AbortSignal,
): Promise<number | undefined> =>
  pollUntil(
    async (waitedMs) => {
      const state = await processorState(name, client);
      return state?.status === "STOPPED" || state?.status === "FAILED" ? waitedMs : undefined;
    },
    { clock, signal, everyMs: POLL_INTERVAL_MS, withinMs: STOPS_WITHIN_MS },
  );

/** Tries to create a second processor on the camera's stream; removes it at once if that succeeds. */
async function proveRival(
  { processorName }: Camera,
  client: RekognitionClient,
  context: Context,
): Promise<void> {
  const { outcomes, clock, onProgress } = context;
  onProgress("requesting a second processor");
  const Name = rivalOf(processorName);
  try {
    const first = await client.send(new DescribeStreamProcessorCommand({ Name: processorName }));
    const { Input, Output, RoleArn, Settings, NotificationChannel } = first;
    const DataSharingPreference = { OptIn: false };
    await client.send(
      new CreateStreamProcessorCommand({
        Name,
        Input,
        Output,
        RoleArn,
        Settings,
        NotificationChannel,
        DataSharingPreference,
      }),
    );
    await removeProcessor(Name, client, clock);
    outcomes.record("one-processor-per-stream", false, "a second one was created");
  } catch (error) {
    const isUnrelated = ["AccessDeniedException", "ThrottlingException"].includes(asError(error).name);
    outcomes.record("one-processor-per-stream", isUnrelated ? undefined : true, describeError(error));
  }
}
