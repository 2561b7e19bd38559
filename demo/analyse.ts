import { basename } from "node:path";
import { DetectionsListener } from "../operator/detections-listener.ts";
import type { Camera } from "../schemas/camera.ts";
import type { LocalCloud } from "../local/index.ts";
import { whatIsSeen, type Clip } from "./clips.ts";
import type { Console } from "./console.ts";
import type { Journey } from "./journey.ts";
import type { Played } from "./played.ts";
import { whileProgressing } from "./progress.ts";

const FLUSH = "POST /_doorstep/firehose/flush";

interface Stage {
  readonly local: LocalCloud;
  readonly journey: Journey;
  readonly played: Played;
  /** The function whose runs are the progress of sessions of `frames`. */
  readonly sampleFunction: string;
  /** Why there is no object model. */
  readonly missingModel: string | undefined;
  readonly startedAtMs: number;
  readonly out: Console;
}

/** What came of clips. */
interface Analysed {
  readonly notifications: number;
  readonly parquetFiles: number;
  /** The cameras on which something was detected. */
  readonly detecting: readonly string[];
}

/** Takes clips from their cameras to the lake. */
export async function analyse(
  { local, journey, played, sampleFunction, missingModel, startedAtMs, out }: Stage,
  clips: readonly Clip[],
): Promise<Analysed> {
  const names = new Set<string>([sampleFunction]);
  const progressing = <T>(cameraId: string, wait: (signal: AbortSignal) => Promise<T>): Promise<T> =>
    whileProgressing({ events: local.events, names, describe: () => journey.describe(cameraId) }, wait);

  const makeReady = async (clip: Clip): Promise<Camera> => {
    const onWait = (waitMs: number): void =>
      out.say(
        `${clip.cameraId}: waiting ${Math.ceil(waitMs / 1000)} s, until the clip begins after its last one`,
      );
    const camera = await progressing(clip.cameraId, (signal) => journey.makeReady(clip, { signal, onWait }));
    for (const name of [camera.cameraId, camera.streamName, camera.processorName]) names.add(name);
    return camera;
  };
  const cameras = await Promise.all(clips.map(makeReady));
  const listener = await DetectionsListener.subscribe(journey.outputs.DetectionsTopicArn, local.clientConfig);
  try {
    const uploads = await out.step(
      "PutMedia sent the clips to the cameras' video streams:",
      () => Promise.all(clips.map((clip, index) => journey.upload(clip, cameras[index]))),
      (uploaded) =>
        uploaded.map(({ camera, fragments }) => `${camera.cameraId} (${fragments} fragments)`).join(", "),
    );
    const sessions = await out.step(
      "Signed motion webhooks started a session per camera:",
      () => Promise.all(uploads.map((upload) => journey.motionStart(upload))),
      () => clips.map(({ cameraId, engine }) => `${cameraId} (${engine})`).join(", "),
    );
    const received = await out.step(
      "The engines analysed the video; SNS delivered",
      async () => {
        const all = sessions.map(({ cameraId, sessionId }) =>
          progressing(cameraId, (signal) => listener.untilCompleted(sessionId, Infinity, signal)),
        );
        return (await Promise.all(all)).map((notifications) => notifications ?? []);
      },
      (ofSessions) => {
        const notifications = ofSessions.flat();
        const labels = notifications.flatMap((notification) => notification.labels.map(({ name }) => name));
        return `${notifications.length} notifications (${labels.join(", ") || "no detections"})`;
      },
    );
    if (clips.some(({ searchesFaces }) => searchesFaces)) {
      names.add(basename(journey.outputs.FaceQueueUrl));
      await out.step("The faces of persons were compared with those of who is enrolled", () =>
        progressing(clips[0]!.cameraId, (signal) => journey.untilSearched(signal)),
      );
    }
    for (const clip of clips) out.say(out.dim(`  ${whatIsSeen(clip, missingModel)}`));

    // Firehose buffers for at least 60 seconds on AWS and here; this local-only call saves the wait.
    await out.step("Firehose ran the transform and wrote to the lake", () => local.control(FLUSH));
    const { parquetFiles, images } = await journey.written(startedAtMs);
    out.say(out.dim(`  ${parquetFiles} Parquet files in the lake, ${images} evidence images`));
    for (const [index, clip] of clips.entries()) played.add(clip, sessions[index]!.sessionId);
    const detecting = sessions.filter((_, index) => received[index]!.some(({ labels }) => labels.length > 0));
    return {
      notifications: received.flat().length,
      parquetFiles,
      detecting: detecting.map(({ cameraId }) => cameraId),
    };
  } finally {
    await listener.close();
  }
}
