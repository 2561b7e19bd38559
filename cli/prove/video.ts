import {
  CreateStreamProcessorCommand,
  DescribeStreamProcessorCommand,
  RekognitionClient,
  StopStreamProcessorCommand,
} from "@aws-sdk/client-rekognition";
import * as v from "valibot";
import { systemClock, sleep } from "../../base/clock.ts";
import type { HeardNotification } from "../../operator/detections-listener.ts";
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
const HOUR_MS = 3_600_000;
/** Behind all video of the proof, but in its hour. */
const BEYOND_VIDEO_MS = 600_000;
const END_TOLD_WITHIN_MS = 15_000;

/**
 * Has a second of video analysed and looks at what Rekognition says and does meanwhile.
 * @param sessionIds takes the ids of sessions that told their end, whose rows reach the lake
 */
export async function proveVideo(sessionIds: string[], context: Context): Promise<void> {
  const client = new RekognitionClient(context.config);
  try {
    const camera = await makeCamera(context);
    if (!camera) return;
    await upload(camera, context);
    const heard = await analyse(camera, sessionIds, client, context);
    if (heard) hear(heard, context);
    await proveStop(camera, sessionIds, client, context);
    await proveRival(camera, client, context);
  } finally {
    client.destroy();
  }
}

async function makeCamera({ fleet, made, outcomes, onProgress }: Context): Promise<Camera | undefined> {
  onProgress("a camera is made");
  try {
    const { camera } = await fleet.add({ cameraId: made.cameraId }, { made });
    outcomes.learn("account-is-open", true, "a stream processor was made");
    return camera;
  } catch (error) {
    const { name, message } = error as Error;
    // A stream that was made leaves Rekognition alone to have refused; a policy's refusal names the action.
    const isRefused =
      made.streamName !== undefined &&
      made.processorName === undefined &&
      !/not authorized to perform/.test(message) &&
      !/Throttling|ThroughputExceeded|InternalServerError/.test(name);
    outcomes.learn("account-is-open", isRefused ? false : undefined, `${name}: ${message}`);
    outcomes.brokeOff("there is no stream processor to try it on");
    return undefined;
  }
}

async function upload({ streamName }: Camera, context: Context): Promise<void> {
  const { config, clip, signal, onProgress, quiet } = context;
  onProgress("a second of video is uploaded");
  await uploadClip({ ...config, file: clip, streamName, startMs: quiet.startMs, signal });
}

async function analyse(
  { processorName }: Camera,
  sessionIds: string[],
  client: RekognitionClient,
  { listener, outcomes, signal, onProgress, quiet }: Context,
): Promise<HeardNotification[] | undefined> {
  onProgress("the video is analysed");
  const { SessionId = "" } = await client.send(
    startCommand({ processorName, videoStartMs: quiet.startMs, maxDurationSeconds: SESSION_SECONDS }),
  );
  outcomes.learn("start-answers-session-id", SessionId !== "", SessionId || "no SessionId in the answer");
  const { Status } = await client.send(new DescribeStreamProcessorCommand({ Name: processorName }));
  // A run this short may have ended already, which says nothing.
  const isOver = Status === "STOPPED" || Status === "FAILED";
  outcomes.learn("label-run-is-starting", isOver ? undefined : Status === "STARTING", `it said ${Status}`);
  const heard = await listener.untilEnded(SessionId, ENDS_WITHIN_MS, signal);
  if (!heard) {
    const state = await processorState(processorName, client);
    const seen = `no end was told within ${ENDS_WITHIN_MS / 1000} s; the processor is ${state?.status ?? "gone"} ${state?.reason ?? ""}`;
    outcomes.learn("start-takes-milliseconds", undefined, seen.trim());
  }
  if (heard) sessionIds.push(SessionId);
  return heard;
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

/** What the notifications of the session tell, as they came. */
function hear(heard: readonly HeardNotification[], { outcomes, quiet: { startMs } }: Context): void {
  const end = heard.map(({ raw }) => v.safeParse(rawEnd, raw)).find(({ success }) => success);
  if (end?.success) {
    const { processedVideoDurationMillis: processed } = end.output.inputInformation.kinesisVideo;
    outcomes.learn("start-takes-milliseconds", processed > 0, `${processed} of video were analysed`);
    // A session of a second ends at the end of a fragment, of at most 20 s.
    const isMilliseconds = processed >= 500 && processed <= 25_000;
    outcomes.learn(
      "end-tells-milliseconds",
      processed > 0 ? isMilliseconds : undefined,
      `it said ${processed}`,
    );
    const { startedAtMs, maxDurationSeconds } = readStartRequest(end.output.startStreamProcessorRequest);
    outcomes.learn(
      "end-repeats-the-start",
      startedAtMs === startMs && maxDurationSeconds === SESSION_SECONDS,
      `it said ${JSON.stringify(end.output.startStreamProcessorRequest) ?? "nothing"}`,
    );
  }
  const mapping = heard
    .map(({ raw }) => v.safeParse(rawLabels, raw))
    .flatMap((parsed) => (parsed.success ? parsed.output.labels : []))
    .map(({ videoMapping }) => videoMapping.kinesisVideoMapping)[0];
  if (!mapping)
    return outcomes.learn("labels-tell-milliseconds", undefined, "nothing was seen in the video; try --clip");
  const { producerTimestamp, serverTimestamp } = mapping;
  const areNear =
    Math.abs(producerTimestamp - startMs) < HOUR_MS &&
    Math.abs(serverTimestamp - systemClock.now()) < HOUR_MS;
  const seen = `they said ${producerTimestamp} and ${serverTimestamp}`;
  outcomes.learn("labels-tell-milliseconds", areNear, seen);
}

/** A session of two minutes without video, told to stop at once. */
async function proveStop(
  { processorName }: Camera,
  sessionIds: string[],
  client: RekognitionClient,
  context: Context,
): Promise<void> {
  const { outcomes, listener, signal, onProgress, quiet } = context;
  onProgress("a session is stopped");
  try {
    await untilIdle(processorName, client, STOPS_WITHIN_MS, signal);
    const { SessionId = "" } = await client.send(
      startCommand({
        processorName,
        videoStartMs: quiet.startMs + BEYOND_VIDEO_MS,
        maxDurationSeconds: LONG_SESSION_SECONDS,
      }),
    );
    await sleep(systemClock, SETTLE_MS, signal);
    await client.send(new StopStreamProcessorCommand({ Name: processorName }));
    const tookMs = await untilIdle(processorName, client, STOPS_WITHIN_MS, signal);
    const seen = tookMs === undefined ? "it went on" : `it ended after ${(tookMs / 1000).toFixed(0)} s`;
    outcomes.learn("stop-ends-a-label-run", tookMs !== undefined, seen);
    if (await listener.untilEnded(SessionId, END_TOLD_WITHIN_MS, signal)) sessionIds.push(SessionId);
  } catch (error) {
    signal.throwIfAborted();
    const { name, message } = error as Error;
    const isRefused = name === "ResourceInUseException" || name === "InvalidParameterException";
    outcomes.learn("stop-ends-a-label-run", isRefused ? false : undefined, `${name}: ${message}`);
  }
}

/** @returns how long it took; undefined when the processor still runs */
async function untilIdle(
  name: string,
  client: RekognitionClient,
  withinMs: number,
  signal: AbortSignal,
): Promise<number | undefined> {
  for (let waitedMs = 0; waitedMs < withinMs; waitedMs += POLL_INTERVAL_MS) {
    const state = await processorState(name, client);
    if (state?.status === "STOPPED" || state?.status === "FAILED") return waitedMs;
    await sleep(systemClock, POLL_INTERVAL_MS, signal);
  }
  return undefined;
}

/** A second processor on the camera's stream; removed at once where it is made. */
async function proveRival(
  { processorName }: Camera,
  client: RekognitionClient,
  context: Context,
): Promise<void> {
  const { outcomes, onProgress } = context;
  onProgress("a second processor is asked for");
  const Name = rivalOf(processorName);
  try {
    const first = await client.send(new DescribeStreamProcessorCommand({ Name: processorName }));
    const { Input, Output, RoleArn, Settings, NotificationChannel } = first;
    await client.send(
      new CreateStreamProcessorCommand({ Name, Input, Output, RoleArn, Settings, NotificationChannel }),
    );
    await removeProcessor(Name, client);
    outcomes.learn("one-processor-per-stream", false, "a second one was made");
  } catch (error) {
    const { name, message } = error as Error;
    const isOurs = ["AccessDeniedException", "ThrottlingException"].includes(name);
    outcomes.learn("one-processor-per-stream", isOurs ? undefined : true, `${name}: ${message}`);
  }
}
