import { createWriteStream } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { Transform, type Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { CloudWatchLogsClient } from "@aws-sdk/client-cloudwatch-logs";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { KinesisVideoClient } from "@aws-sdk/client-kinesis-video";
import { S3Client } from "@aws-sdk/client-s3";
import { streamFragments } from "../aws/fragments.ts";
import { sessionsTable } from "../aws/sessions.ts";
import { HOUR_MS, SECOND_MS } from "../base/durations.ts";
import { ignoreError } from "../base/errors.ts";
import { Mutex } from "../base/mutex.ts";
import { Fleet } from "../operator/fleet.ts";
import { anyOf, functionLogs } from "../operator/function-logs.ts";
import { LakeFiles } from "../operator/lake-files.ts";
import { reportMotion } from "../operator/report-motion.ts";
import type { Camera } from "../schemas/camera.ts";
import { MAX_DROPPED_BYTES, type TryClip } from "../schemas/console/tries.ts";
import type { Session } from "../schemas/session.ts";
import { SourceError } from "../uploader/sources/source.ts";
import { uploadClip } from "../uploader/upload-clip.ts";
import { attemptOf, VERDICTS, type Attempt } from "./attempts.ts";
import type { ConsoleContext, Handlers } from "./handlers.ts";
import { ConsoleProblem } from "./problem.ts";
import { lakeHops, type Hop } from "./way.ts";

const MAX_ATTEMPTS = 200;
/** How far back the log is read at first. */
const FIRST_READ_MS = HOUR_MS;
/** How much later than its motion a session's video may end. */
const LONGEST_SESSION_MS = 125 * SECOND_MS;

/** The screen Try a camera: what became of motion requests, and the way of a motion from the camera to the lake. */
export function tryHandlers({
  config,
  stack,
  clock,
}: ConsoleContext): Pick<Handlers, "getTryLog" | "tryMotion" | "tryClip"> {
  const logs = new CloudWatchLogsClient(config);
  const fragments = streamFragments(new KinesisVideoClient(config));
  const s3 = new S3Client({ ...config, forcePathStyle: true });
  const uploads = new Mutex();
  const dynamodb = new DynamoDBClient(config);
  let sessions: ReturnType<typeof sessionsTable> | undefined;
  /** Of this screen alone, which reads every column of a few files. */
  let lake: LakeFiles | undefined;
  let fleet: Promise<Fleet> | undefined;
  const open = (): Promise<Fleet> =>
    (fleet ??= Fleet.open(stack, config, clock).catch((error: unknown) => {
      fleet = undefined;
      throw error;
    }));
  const find = async (cameraId: string): Promise<Camera> => {
    const camera = await (await open()).find(cameraId);
    if (camera) return camera;
    throw new ConsoleProblem(404, `no camera ${cameraId} is registered`, "choose another camera");
  };

  const attemptsSince = async (fromMs: number, nowMs: number): Promise<Attempt[]> => {
    const read = (["start", "stop"] as const).map(async (verb) => {
      const name = `${stack}-${verb}Session`;
      const lines = await functionLogs(
        name,
        anyOf("message", VERDICTS),
        { fromMs, untilMs: nowMs + 1 },
        logs,
      );
      return lines.map((line) => attemptOf(line, verb));
    });
    return (await Promise.all(read)).flat().toSorted((a, b) => b.atMs - a.atMs);
  };

  /** The way of the camera's latest motion, as far as it has come. */
  const wayOf = async (camera: Camera, attempts: readonly Attempt[]): Promise<Hop[]> => {
    const { outputs } = await open();
    sessions ??= sessionsTable(outputs.SessionsTableName, dynamodb);
    const session = await sessions.find(camera.cameraId);
    const request = attempts.find(({ cameraId, verdict, path }) => {
      return cameraId === camera.cameraId && verdict === "accepted" && path?.endsWith("/start");
    });
    const hops: Hop[] = request ? [requestHop(request)] : [];
    if (session?.run) {
      lake ??= new LakeFiles(outputs.LakeBucketName, s3, clock);
      const { run } = session;
      const [video, stored] = await Promise.all([videoHops(camera, run), lakeHops(run, lake)]);
      hops.push(...sessionHops(session), ...video, ...stored);
    }
    return hops.toSorted((a, b) => a.atMs - b.atMs);
  };

  const videoHops = async (
    { streamName }: Camera,
    { videoStartMs, videoEndMs }: NonNullable<Session["run"]>,
  ): Promise<Hop[]> => {
    const untilMs = videoEndMs ?? videoStartMs + LONGEST_SESSION_MS;
    const stored = await fragments(streamName)("producer", videoStartMs, untilMs).catch((error: unknown) =>
      ignoreError(error, "ResourceNotFoundException", []),
    );
    if (stored.length === 0) return [];
    const seconds = stored.reduce((sum, { durationMs }) => sum + durationMs, 0) / SECOND_MS;
    return [
      {
        hop: "video",
        atMs: Math.max(...stored.map(({ serverMs }) => serverMs)),
        title: `${seconds.toFixed(1)} s of video in ${stored.length} fragments`,
        document: stored.toSorted((a, b) => a.startMs - b.startMs),
      },
    ];
  };

  return {
    getTryLog: async ({ query: { camera: cameraId, since } }) => {
      const nowMs = clock.now();
      const attempts = await attemptsSince(since ?? nowMs - FIRST_READ_MS, nowMs);
      const ofCamera = attempts.filter((one) => cameraId === undefined || one.cameraId === cameraId);
      const way = cameraId === undefined ? [] : await wayOf(await find(cameraId), attempts);
      return { attempts: ofCamera.slice(0, MAX_ATTEMPTS), way, nowMs };
    },

    tryMotion: async ({ body: { camera: cameraId, verb } }, { signal }) => {
      const camera = await find(cameraId);
      const { status, body } = await (await open()).sendMotion(camera, verb, { at: clock.now() }, signal);
      return { status, response: body };
    },

    tryClip: async ({ query: { camera: cameraId, name }, stream }, { signal }) => {
      const camera = await find(cameraId);
      return await uploads.run(() =>
        inFile(stream, name, async (file): Promise<TryClip> => {
          const { safe, receivedFragments } = await uploadClip({
            ...config,
            file,
            streamName: camera.streamName,
            startFrom: "now",
            signal,
            clock,
          }).catch((error: unknown) => {
            if (!(error instanceof SourceError)) throw error;
            throw new ConsoleProblem(
              422,
              error.message,
              "drop an MP4, MOV, MKV or MPEG-TS file with H.264 or H.265",
            );
          });
          const requests = await reportMotion({ camera, safe }, { fleet: await open(), signal, clock });
          const [first, last] = [safe.at(0), safe.at(-1)];
          return {
            cameraId,
            fragments: receivedFragments,
            ...(first && { fromMs: Math.round(first.fromMs) }),
            ...(last && { untilMs: Math.round(last.toMs) }),
            motion: { status: 202, response: { requests } },
          };
        }),
      );
    },
  };
}

const requestHop = ({ atMs, words, ...document }: Attempt): Hop => ({
  hop: "request",
  atMs,
  title: words,
  document,
});

function sessionHops({ state, run, failure, blocked, retry }: Session): Hop[] {
  const { calledAtMs, endedAtMs, processedMs, sessionId, engine } = run!;
  const document = { state, run, failure, blocked, retry };
  return [
    {
      hop: "session",
      atMs: calledAtMs,
      title: `session ${sessionId ?? "without an id yet"} of ${engine}: ${endedAtMs === undefined ? state : "started"}`,
      document,
    },
    ...(endedAtMs === undefined
      ? []
      : [
          {
            hop: "session" as const,
            atMs: endedAtMs,
            title: `session ${state}: ${((processedMs ?? 0) / SECOND_MS).toFixed(1)} s analysed`,
            document: { state, endedAtMs, processedMs, failure },
          },
        ]),
  ];
}

/** Names of files that a page may give: no path, and the ending that says what the file is. */
const nameOf = (name: string | undefined): string =>
  basename(name ?? "clip.mp4")
    .replaceAll(/[^\w.-]+/g, "-")
    .replace(/^\.+/, "")
    .slice(-100) || "clip.mp4";

/** Runs a function on a stream's bytes as a file of its own, which is removed afterwards. */
async function inFile<T>(
  stream: Readable,
  name: string | undefined,
  run: (file: string) => Promise<T>,
): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), "doorstep-clip-"));
  try {
    const file = join(folder, nameOf(name));
    await pipeline(stream, atMost(MAX_DROPPED_BYTES), createWriteStream(file));
    return await run(file);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Passes at most so many bytes. */
function atMost(maxBytes: number): Transform {
  let bytes = 0;
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      bytes += chunk.length;
      if (bytes <= maxBytes) return done(undefined, chunk);
      done(
        new ConsoleProblem(
          413,
          `the clip has more than ${maxBytes / 1e6} MB`,
          "upload it with npx doorstep upload, which has no limit",
        ),
      );
    },
  });
}
