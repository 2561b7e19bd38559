import { AthenaClient } from "@aws-sdk/client-athena";
import { ListObjectsV2Command, S3Client } from "@aws-sdk/client-s3";
import { systemClock } from "../base/clock.ts";
import { randomId } from "../base/random.ts";
import { runQuery, type QueryAnswer } from "../operator/athena.ts";
import { Fleet } from "../operator/fleet.ts";
import { sendMotion } from "../operator/motion-api.ts";
import type { StackOutputs } from "../operator/stack.ts";
import { deriveKey, signedHeaders } from "../core/motion/webhook.ts";
import type { Camera } from "../schemas/camera.ts";
import { openClip } from "../uploader/sources/file.ts";
import { uploadClip } from "../uploader/upload-clip.ts";
import type { Clip } from "./clips.ts";

/** How SDK clients reach the cloud. */
export interface ClientConfig {
  readonly region: string;
  readonly endpoint: string;
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
}

const MAX_SESSION_SECONDS = 120;
/** A session ends at the first fragment boundary at or after its duration, so it is asked for a little less than all. */
const SHORT_OF_THE_END_MS = 500;

/** A clip that lies in its camera's stream. */
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

/** What a fleet's owner and its cameras do, step by step, with nothing but the AWS APIs and the motion API. */
export class Journey {
  readonly outputs: StackOutputs;
  readonly #fleet: Fleet;
  readonly #config: ClientConfig;

  private constructor(fleet: Fleet, config: ClientConfig) {
    this.outputs = fleet.outputs;
    this.#fleet = fleet;
    this.#config = config;
  }

  static async begin(stackName: string, config: ClientConfig): Promise<Journey> {
    return new Journey(await Fleet.open(stackName, config), config);
  }

  /** Makes the camera's stream and processor and registers it; what exists already stays as it is. */
  async register(cameraId: string): Promise<Camera> {
    return (await this.#fleet.add({ cameraId })).camera;
  }

  /** Puts the clip into the camera's stream, as if it had been filmed until just now. */
  async upload({ file, cameraId }: Clip): Promise<UploadedClip> {
    const camera = await this.register(cameraId);
    const clip = await openClip(file);
    const startMs = systemClock.now() - Math.ceil(clip.durationMs);
    await clip.close();
    const { region, endpoint, credentials } = this.#config;
    const { fragments, durationMs } = await uploadClip({
      file,
      streamName: camera.streamName,
      startMs,
      region,
      endpoint,
      credentials,
    });
    return { camera, startMs, durationMs, fragments };
  }

  /** Reports motion over the whole clip as a camera does, with signed webhooks: that it began, and when it ended. */
  async motionStart({ camera, startMs, durationMs }: UploadedClip): Promise<StartedSession> {
    const wanted = Math.floor((durationMs - SHORT_OF_THE_END_MS) / 1000);
    const maxDurationSeconds = Math.min(MAX_SESSION_SECONDS, Math.max(1, wanted));
    const body = JSON.stringify({ at: startMs, maxDurationSeconds });
    const session = await this.#webhook(camera, "start", body);
    // The clip shows no more than one session analyses, so the session is not renewed.
    const end = JSON.stringify({ at: startMs + maxDurationSeconds * 1000 });
    await this.#webhook(camera, "stop", end);
    return { cameraId: camera.cameraId, sessionId: String(session["sessionId"]), maxDurationSeconds };
  }

  ask(sql: string): Promise<QueryAnswer> {
    const { WorkGroupName, DatabaseName } = this.outputs;
    return runQuery(sql, {
      client: new AthenaClient(this.#config),
      workGroup: WorkGroupName,
      database: DatabaseName,
    });
  }

  /** How many Parquet files and evidence images were written since then. */
  async written(sinceMs: number): Promise<{ parquetFiles: number; images: number }> {
    const keys = async (bucket: string): Promise<string[]> => {
      const found: string[] = [];
      let token: string | undefined;
      do {
        const page = await new S3Client(this.#config).send(
          new ListObjectsV2Command({ Bucket: bucket, ContinuationToken: token }),
        );
        for (const { Key, LastModified } of page.Contents ?? [])
          if (Key && LastModified && LastModified.getTime() >= Math.floor(sinceMs / 1000) * 1000)
            found.push(Key);
        token = page.NextContinuationToken;
      } while (token);
      return found;
    };
    const [lake, evidence] = await Promise.all([
      keys(this.outputs.LakeBucketName),
      keys(this.outputs.EvidenceBucketName),
    ]);
    return { parquetFiles: lake.filter((key) => key.endsWith(".parquet")).length, images: evidence.length };
  }

  async #webhook(
    { cameraId, keyVersion }: Camera,
    verb: "start" | "stop",
    body: string,
  ): Promise<Readonly<Record<string, unknown>>> {
    const key = deriveKey(await this.#fleet.masterSecret(), cameraId, keyVersion);
    const headers = signedHeaders(key, `msg_${randomId()}`, systemClock.now(), body);
    const answer = await sendMotion(this.outputs.MotionApiUrl, { cameraId, verb, body }, headers);
    if (answer.status >= 400)
      throw new Error(
        `motion ${verb} of ${cameraId} was answered ${answer.status}: ${JSON.stringify(answer.body)}`,
      );
    return answer.body;
  }
}
