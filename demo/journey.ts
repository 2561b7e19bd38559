import { AthenaClient } from "@aws-sdk/client-athena";
import { paginateListObjectsV2, S3Client } from "@aws-sdk/client-s3";
import { GetQueueAttributesCommand, SQSClient, type QueueAttributeName } from "@aws-sdk/client-sqs";
import { sleep, systemClock, type Clock } from "../base/clock.ts";
import { DAY_MS, MINUTE_MS } from "../base/durations.ts";
import { pollUntil } from "../base/poll.ts";
import { MAX_SESSION_SECONDS, nextSession } from "../cli/simulation/plan-sessions.ts";
import { sessionView } from "../core/sessions/session-view.ts";
import { runQuery, type QueryResult } from "../operator/athena.ts";
import type { ClientConfig } from "../operator/client-config.ts";
import { findEvidence, saveEvidence, type SavedPicture } from "../operator/evidence.ts";
import { Fleet } from "../operator/fleet.ts";
import type { StackOutputs } from "../operator/stack.ts";
import type { Camera } from "../schemas/camera.ts";
import type { EngineName } from "../schemas/engine.ts";
import { openClip } from "../uploader/sources/file.ts";
import { uploadClip } from "../uploader/upload-clip.ts";
import type { Clip } from "./clips.ts";

/** Results of earlier starts are shown, too. */
const EVIDENCE_WITHIN_MS = 30 * DAY_MS;
const MAX_PICTURES = 100;

/** A clip that was uploaded to its camera's stream. */
export interface UploadedClip {
  readonly camera: Camera;
  readonly startMs: number;
  readonly durationMs: number;
  readonly fragments: number;
}

export interface StartedSession {
  readonly cameraId: string;
  readonly sessionId: string;
  readonly maxDurationSeconds: number;
}

/** What a fleet's owner and its cameras do, step by step, with the AWS APIs and the motion API only. */
export class Journey {
  readonly outputs: StackOutputs;
  readonly #fleet: Fleet;
  readonly #config: ClientConfig;
  readonly #clock: Clock;

  private constructor(fleet: Fleet, config: ClientConfig, clock: Clock) {
    this.outputs = fleet.outputs;
    this.#fleet = fleet;
    this.#config = config;
    this.#clock = clock;
  }

  static async begin(stackName: string, config: ClientConfig, clock: Clock = systemClock): Promise<Journey> {
    return new Journey(await Fleet.open(stackName, config, clock), config, clock);
  }

  /** Creates the parts of the camera that its engine uses and registers it; a registered camera keeps its settings. */
  async register(cameraId: string, engine?: EngineName, faces = false): Promise<Camera> {
    return (await this.#fleet.add({ cameraId, faces, ...(engine && { engine }) })).camera;
  }

  /**
   * Registers the clip's camera, moves it to the clip's engine and waits until the clip can be its next motion: an earlier
   * session has ended, and its video ends before the clip's begins.
   * @param onWait called with the wait when there is one, milliseconds
   */
  async makeReady(
    { file, cameraId, engine, searchesFaces }: Clip,
    { signal, onWait = () => {} }: { signal?: AbortSignal; onWait?: (waitMs: number) => void } = {},
  ): Promise<Camera> {
    const camera = await this.register(cameraId, engine, searchesFaces);
    // Motion that was not stopped, because its sender was, goes on otherwise.
    if ((await this.#fleet.stateOf(camera)).session?.wanted.length)
      await this.#send(camera, "stop", { at: this.#clock.now() });
    const session = await pollUntil(
      async () => {
        const { session: now } = await this.#fleet.stateOf(camera);
        return now?.state === "starting" || now?.state === "running" ? undefined : { now };
      },
      { clock: this.#clock, everyMs: 500, withinMs: Infinity, signal },
    );
    const lastVideoMs = session?.now?.accounted.at(-1)?.untilMs;
    const waitMs = lastVideoMs === undefined ? 0 : lastVideoMs - (await this.#startMsOf(file));
    if (waitMs > 0) onWait(waitMs);
    await sleep(this.#clock, Math.max(0, waitMs), signal);
    // Faces that somebody has switched on stay so, where the engine searches them.
    const faces = searchesFaces || (camera.faces && engine !== "stream-processor");
    return camera.engine === engine && camera.faces === faces
      ? camera
      : (await this.#fleet.update(camera, { engine, faces })).camera;
  }

  /** The last known state of a camera's session, for errors. */
  async describe(cameraId: string): Promise<string> {
    const camera = await this.#fleet.find(cameraId);
    const { session, processor } = camera ? await this.#fleet.stateOf(camera) : {};
    return (
      `${cameraId}'s session is ${session ? JSON.stringify(sessionView(session)) : "none"}` +
      (processor ? `, its processor ${JSON.stringify(processor)}` : "")
    );
  }

  /** Uploads the clip to the camera's stream, as if it had been recorded until now. */
  async upload({ file, cameraId }: Clip, registered?: Camera): Promise<UploadedClip> {
    const camera = registered ?? (await this.register(cameraId));
    const { streamName } = camera;
    const { fragments, durationMs, firstProducerMs } = await uploadClip({
      ...this.#config,
      file,
      streamName,
      startFrom: "now",
      clock: this.#clock,
    });
    return { camera, startMs: firstProducerMs, durationMs, fragments };
  }

  /** Sends the motion requests of the whole clip as a camera does, with signed webhooks: its start and its end. */
  async motionStart({ camera, startMs, durationMs }: UploadedClip): Promise<StartedSession> {
    const video = { startMs, endMs: startMs + durationMs, fragmentStartsMs: [] };
    const { maxDurationSeconds } = nextSession(video, startMs, MAX_SESSION_SECONDS) ?? {
      maxDurationSeconds: 1,
    };
    const session = await this.#send(camera, "start", { at: startMs, maxDurationSeconds });
    // One session analyses the whole clip, so it is not to be renewed.
    await this.#send(camera, "stop", { at: startMs + maxDurationSeconds * 1000 });
    const { sessionId: started, notAnalysed } = session;
    if (typeof notAnalysed === "string")
      throw new Error(
        `${camera.cameraId} analyses no motion now, because of its ${notAnalysed}; npx doorstep camera show ${camera.cameraId} shows it`,
      );
    const sessionId = typeof started === "string" ? started : await this.#startedSession(camera);
    return { cameraId: camera.cameraId, sessionId, maxDurationSeconds };
  }

  /** The id of a session whose start was throttled at first. */
  async #startedSession(camera: Camera): Promise<string> {
    const sessionId = await pollUntil(
      async () => (await this.#fleet.stateOf(camera)).session?.run?.sessionId,
      { clock: this.#clock, everyMs: 500, withinMs: MINUTE_MS },
    );
    if (sessionId === undefined)
      throw new Error(`no session started within a minute: ${await this.describe(camera.cameraId)}`);
    return sessionId;
  }

  /** Where in producer time a clip begins that ends now. */
  async #startMsOf(file: string): Promise<number> {
    const clip = await openClip(file);
    await clip.close();
    return this.#clock.now() - Math.ceil(clip.durationMs);
  }

  /** The pictures of the sessions' detections, as files in a folder. */
  async saveEvidence(sessionIds: readonly string[], folder: string): Promise<SavedPicture[]> {
    const nowMs = this.#clock.now();
    const scope = { fromMs: nowMs - EVIDENCE_WITHIN_MS, toMs: nowMs, limit: MAX_PICTURES, sessionIds };
    const found = await findEvidence(scope, this.outputs, this.#config, { clock: this.#clock });
    return await saveEvidence(found, folder, this.#config);
  }

  query(sql: string): Promise<QueryResult> {
    const { WorkGroupName, DatabaseName } = this.outputs;
    return runQuery(
      sql,
      { client: new AthenaClient(this.#config), workGroup: WorkGroupName, database: DatabaseName },
      { clock: this.#clock },
    );
  }

  /** Waits until no image waits for the search of its faces. */
  async untilSearched(signal: AbortSignal): Promise<void> {
    const client = new SQSClient(this.#config);
    const AttributeNames: QueueAttributeName[] = [
      "ApproximateNumberOfMessages",
      "ApproximateNumberOfMessagesNotVisible",
      "ApproximateNumberOfMessagesDelayed",
    ];
    const isEmpty = async (): Promise<true | undefined> => {
      const { Attributes = {} } = await client.send(
        new GetQueueAttributesCommand({ QueueUrl: this.outputs.FaceQueueUrl, AttributeNames }),
      );
      return Object.values(Attributes).every((count) => count === "0") || undefined;
    };
    await pollUntil(isEmpty, { clock: this.#clock, everyMs: 500, withinMs: Infinity, signal });
    client.destroy();
  }

  /** How many Parquet files and evidence images were written since then. */
  async written(sinceMs: number): Promise<{ parquetFiles: number; images: number }> {
    const client = new S3Client(this.#config);
    const sinceSecond = Math.floor(sinceMs / 1000) * 1000;
    const keysIn = async (Bucket: string): Promise<string[]> => {
      const keys: string[] = [];
      for await (const { Contents = [] } of paginateListObjectsV2({ client }, { Bucket }))
        for (const { Key, LastModified } of Contents)
          if (Key && LastModified && LastModified.getTime() >= sinceSecond) keys.push(Key);
      return keys;
    };
    const { LakeBucketName, EvidenceBucketName } = this.outputs;
    const [lake, evidence] = await Promise.all([keysIn(LakeBucketName), keysIn(EvidenceBucketName)]);
    return { parquetFiles: lake.filter((key) => key.endsWith(".parquet")).length, images: evidence.length };
  }

  async #send(camera: Camera, verb: "start" | "stop", body: object) {
    const response = await this.#fleet.sendMotion(camera, verb, body);
    if (response.status < 400) return response.body;
    throw new Error(
      `the motion ${verb} of ${camera.cameraId} got status ${response.status}: ${JSON.stringify(response.body)}`,
    );
  }
}
