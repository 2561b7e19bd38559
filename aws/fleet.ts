import { CloudFormationClient } from "@aws-sdk/client-cloudformation";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { KinesisVideoClient } from "@aws-sdk/client-kinesis-video";
import { RekognitionClient } from "@aws-sdk/client-rekognition";
import { SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import type { Camera } from "../schemas/camera.ts";
import {
  ensureLabelProcessor,
  ensureStream,
  processorState,
  removeProcessor,
  removeStream,
  type CameraVideo,
} from "./camera-video.ts";
import { camerasTable } from "./cameras.ts";
import type { ClientConfig } from "./client-config.ts";
import { readSecret } from "./secrets.ts";
import { sessionsTable } from "./sessions.ts";
import { stackOutputs, type StackOutputs } from "./stack.ts";

const FIRST_KEY_VERSION = 1;
const RETENTION_HOURS = 24;
const MAX_DURATION_SECONDS = 30;

/** What was made of a camera; the rest was there. */
export interface Made {
  readonly cameraId: string;
  streamName?: string;
  processorName?: string;
  hasRecord?: boolean;
}

/** The cameras of one stack: each a stream, a label processor and a record. */
export class Fleet {
  readonly outputs: StackOutputs;
  /** Every camera's credential is derived from it. */
  readonly masterSecret: string;
  readonly #video: KinesisVideoClient;
  readonly #rekognition: RekognitionClient;
  readonly #dynamodb: DynamoDBClient;

  private constructor(outputs: StackOutputs, masterSecret: string, config: ClientConfig) {
    this.outputs = outputs;
    this.masterSecret = masterSecret;
    this.#video = new KinesisVideoClient(config);
    this.#rekognition = new RekognitionClient(config);
    this.#dynamodb = new DynamoDBClient(config);
  }

  /** @throws Error when there is no such stack or it is not Doorstep's */
  static async open(stackName: string, config: ClientConfig): Promise<Fleet> {
    const outputs = await stackOutputs(stackName, new CloudFormationClient(config));
    const secrets = new SecretsManagerClient(config);
    return new Fleet(outputs, await readSecret(outputs.MasterSecretArn, secrets), config);
  }

  /**
   * Makes the camera's stream, processor and record; what exists stays as it is.
   * @param made told of each thing as soon as it is made, so that it is known even when the next fails
   */
  async register(cameraId: string, made: Made = { cameraId }): Promise<Camera> {
    const cameras = camerasTable(this.outputs.CamerasTableName, this.#dynamodb);
    const registered = await cameras.find(cameraId);
    const video = this.#videoOf(cameraId, registered);
    const { arn, isNew } = await ensureStream(video, this.#video);
    if (isNew) made.streamName = video.streamName;
    if (await ensureLabelProcessor(video, arn, this.#rekognition)) made.processorName = video.processorName;
    if (registered) return registered;
    const camera = await cameras.register({
      cameraId,
      engine: "stream-processor",
      streamName: video.streamName,
      processorName: video.processorName,
      maxDurationSeconds: MAX_DURATION_SECONDS,
      keyVersion: FIRST_KEY_VERSION,
    });
    made.hasRecord = true;
    return camera;
  }

  /**
   * Removes what was made of a camera, and forgets of it what is removed, so that it may be called again.
   * @throws Error for what could not be removed; what comes after it is tried nevertheless
   */
  async remove(made: Made): Promise<void> {
    const { cameraId, processorName, streamName, hasRecord } = made;
    const failures: unknown[] = [];
    const attempt = async (what: keyof Made, remove: () => Promise<void>) => {
      try {
        await remove();
        delete (made as Partial<Made>)[what];
      } catch (error) {
        failures.push(error);
      }
    };
    // The record first: without it no new session starts on what is going to be removed.
    if (hasRecord) {
      const cameras = camerasTable(this.outputs.CamerasTableName, this.#dynamodb);
      await attempt("hasRecord", () => cameras.remove(cameraId));
    }
    if (processorName !== undefined)
      await attempt("processorName", () => removeProcessor(processorName, this.#rekognition));
    if (streamName !== undefined) await attempt("streamName", () => removeStream(streamName, this.#video));
    // Last, since the end of a session that was stopped is still written to it.
    if (hasRecord)
      await sessionsTable(this.outputs.SessionsTableName, this.#dynamodb)
        .remove(cameraId)
        .catch((error: unknown) => failures.push(error));
    if (failures.length > 0)
      throw new Error(failures.map((one) => (one instanceof Error ? one.message : String(one))).join("; "));
  }

  /** Why the camera's processor failed, if it did. */
  async failureOf({ processorName }: Camera): Promise<string | undefined> {
    const state = await processorState(processorName, this.#rekognition);
    if (!state) return `the stream processor ${processorName} does not exist any more`;
    return state.status === "FAILED" ? (state.reason ?? "no reason given") : undefined;
  }

  #videoOf(cameraId: string, registered: Camera | undefined): CameraVideo {
    const name = this.outputs.CameraPrefix + cameraId;
    return {
      streamName: registered?.streamName ?? name,
      processorName: registered?.processorName ?? name,
      retentionHours: RETENTION_HOURS,
      roleArn: this.outputs.RekognitionRoleArn,
      topicArn: this.outputs.DetectionsTopicArn,
      evidenceBucketName: this.outputs.EvidenceBucketName,
      tags: { camera: cameraId },
    };
  }
}
