import { randomUUID } from "node:crypto";
import { AthenaClient } from "@aws-sdk/client-athena";
import { CloudFormationClient } from "@aws-sdk/client-cloudformation";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { KinesisVideoClient } from "@aws-sdk/client-kinesis-video";
import { RekognitionClient } from "@aws-sdk/client-rekognition";
import { ListObjectsV2Command, S3Client } from "@aws-sdk/client-s3";
import { GetSecretValueCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { runQuery, type QueryAnswer } from "../aws/athena.ts";
import { ensureLabelProcessor, ensureStream } from "../aws/camera-video.ts";
import { camerasTable } from "../aws/cameras.ts";
import { stackOutputs, type StackOutputs } from "../aws/stack.ts";
import { deriveKey, sign } from "../core/webhook.ts";
import type { Camera } from "../schemas/camera.ts";
import { openClip } from "../uploader/fragments.ts";
import { uploadClip } from "../uploader/upload-clip.ts";
import type { Clip } from "./clips.ts";

/** How SDK clients reach the cloud. */
export interface ClientConfig {
  readonly region: string;
  readonly endpoint: string;
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
}

const KEY_VERSION = 1;
const RETENTION_HOURS = 24;
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
  readonly #config: ClientConfig;
  readonly #masterSecret: string;

  private constructor(outputs: StackOutputs, masterSecret: string, config: ClientConfig) {
    this.outputs = outputs;
    this.#masterSecret = masterSecret;
    this.#config = config;
  }

  static async begin(stackName: string, config: ClientConfig): Promise<Journey> {
    const outputs = await stackOutputs(stackName, new CloudFormationClient(config));
    const { SecretString } = await new SecretsManagerClient(config).send(
      new GetSecretValueCommand({ SecretId: outputs.MasterSecretArn }),
    );
    return new Journey(outputs, SecretString!, config);
  }

  /** Makes the camera's stream and processor and registers it; what exists already stays as it is. */
  async register(cameraId: string): Promise<Camera> {
    const name = this.outputs.CameraPrefix + cameraId;
    const video = {
      streamName: name,
      processorName: name,
      retentionHours: RETENTION_HOURS,
      roleArn: this.outputs.RekognitionRoleArn,
      topicArn: this.outputs.DetectionsTopicArn,
      evidenceBucketName: this.outputs.EvidenceBucketName,
      tags: { camera: cameraId },
    };
    const streamArn = await ensureStream(video, new KinesisVideoClient(this.#config));
    await ensureLabelProcessor(video, streamArn, new RekognitionClient(this.#config));
    const camera: Camera = {
      cameraId,
      engine: "stream-processor",
      streamName: name,
      processorName: name,
      maxDurationSeconds: 30,
      keyVersion: KEY_VERSION,
    };
    await camerasTable(this.outputs.CamerasTableName, new DynamoDBClient(this.#config)).register(camera);
    return camera;
  }

  /** Puts the clip into the camera's stream, as if it had been filmed until just now. */
  async upload({ file, cameraId }: Clip): Promise<UploadedClip> {
    const camera = await this.register(cameraId);
    const clip = await openClip(file);
    const startMs = Date.now() - Math.ceil(clip.durationMs);
    clip.close();
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

  /** Reports motion as a camera does: a signed webhook. */
  async motionStart({ camera, startMs, durationMs }: UploadedClip): Promise<StartedSession> {
    const wanted = Math.floor((durationMs - SHORT_OF_THE_END_MS) / 1000);
    const maxDurationSeconds = Math.min(MAX_SESSION_SECONDS, Math.max(1, wanted));
    const body = JSON.stringify({ at: startMs, maxDurationSeconds });
    const session = await this.#webhook<{ sessionId: string }>(camera.cameraId, "start", body);
    return { cameraId: camera.cameraId, sessionId: session.sessionId, maxDurationSeconds };
  }

  async motionStop(cameraId: string): Promise<void> {
    await this.#webhook(cameraId, "stop", "");
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

  async #webhook<T>(cameraId: string, verb: "start" | "stop", body: string): Promise<T> {
    const id = `msg_${randomUUID()}`;
    const timestamp = String(Math.floor(Date.now() / 1000));
    const response = await fetch(`${this.outputs.MotionApiUrl}/cameras/${cameraId}/motion/${verb}`, {
      method: "POST",
      headers: {
        "content-type": "application/json",
        "webhook-id": id,
        "webhook-timestamp": timestamp,
        "webhook-signature": sign(deriveKey(this.#masterSecret, cameraId, KEY_VERSION), id, timestamp, body),
      },
      body,
    });
    const text = await response.text();
    if (!response.ok)
      throw new Error(`motion ${verb} of ${cameraId} was answered ${response.status}: ${text}`);
    return JSON.parse(text) as T;
  }
}
