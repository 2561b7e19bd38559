import { AthenaClient } from "@aws-sdk/client-athena";
import { paginateListObjectsV2, S3Client } from "@aws-sdk/client-s3";
import { systemClock, type Clock } from "../base/clock.ts";
import { MAX_SESSION_SECONDS, nextSession } from "../cli/simulation/plan-sessions.ts";
import { runQuery, type QueryResult } from "../operator/athena.ts";
import type { ClientConfig } from "../operator/client-config.ts";
import { Fleet } from "../operator/fleet.ts";
import type { StackOutputs } from "../operator/stack.ts";
import type { Camera } from "../schemas/camera.ts";
import { openClip } from "../uploader/sources/file.ts";
import { uploadClip } from "../uploader/upload-clip.ts";
import type { Clip } from "./clips.ts";

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

  /** Creates the camera's stream and processor and registers it; existing parts are kept. */
  async register(cameraId: string): Promise<Camera> {
    return (await this.#fleet.add({ cameraId })).camera;
  }

  /** Uploads the clip to the camera's stream, as if it had been recorded until now. */
  async upload({ file, cameraId }: Clip): Promise<UploadedClip> {
    const camera = await this.register(cameraId);
    const clip = await openClip(file);
    const startMs = this.#clock.now() - Math.ceil(clip.durationMs);
    await clip.close();
    const { streamName } = camera;
    const { fragments, durationMs } = await uploadClip({
      ...this.#config,
      file,
      streamName,
      startMs,
      clock: this.#clock,
    });
    return { camera, startMs, durationMs, fragments };
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
    return { cameraId: camera.cameraId, sessionId: String(session["sessionId"]), maxDurationSeconds };
  }

  query(sql: string): Promise<QueryResult> {
    const { WorkGroupName, DatabaseName } = this.outputs;
    return runQuery(
      sql,
      { client: new AthenaClient(this.#config), workGroup: WorkGroupName, database: DatabaseName },
      { clock: this.#clock },
    );
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
    const response = await this.#fleet.sendMotion(camera, verb, JSON.stringify(body));
    if (response.status < 400) return response.body;
    throw new Error(
      `the motion ${verb} of ${camera.cameraId} got status ${response.status}: ${JSON.stringify(response.body)}`,
    );
  }
}
