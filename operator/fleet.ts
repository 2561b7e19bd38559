import { CloudFormationClient } from "@aws-sdk/client-cloudformation";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { KinesisVideoClient } from "@aws-sdk/client-kinesis-video";
import { RekognitionClient } from "@aws-sdk/client-rekognition";
import { SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import * as v from "valibot";
import { sleep, systemClock } from "../base/clock.ts";
import { errorMessage } from "../base/errors.ts";
import { camera as cameraSchema, type Camera, type CameraSettings } from "../schemas/camera.ts";
import type { Session } from "../schemas/session.ts";
import {
  DEFAULT_RETENTION_HOURS,
  ensureStream,
  removeStream,
  setRetention,
  streamState,
  type StreamState,
} from "./camera-stream.ts";
import { camerasTable } from "../aws/cameras.ts";
import type { ClientConfig } from "./client-config.ts";
import {
  alignProcessor,
  failureOf,
  processorState,
  removeProcessor,
  tryProcessor,
  type Aligned,
  type LabelProcessor,
  type ProcessorState,
} from "./label-processor.ts";
import { readSecret } from "../aws/secrets.ts";
import { sessionsTable } from "../aws/sessions.ts";
import { stackOutputs, type StackOutputs } from "./stack.ts";

const FIRST_KEY_VERSION = 1;
/** How long a removed camera's last session has to reach the ledger. */
const SETTLED_WITHIN_MS = 10_000;
const POLL_INTERVAL_MS = 500;

/** What there is of a camera, or what was made of it. */
export interface Made {
  readonly cameraId: string;
  streamName?: string;
  processorName?: string;
  hasRecord?: boolean;
}

/** What adding a camera came to. */
export interface Added {
  readonly camera: Camera;
  readonly isNew: boolean;
  readonly stream: StreamState & { readonly isNew: boolean };
  readonly processor: Aligned;
}

/** Which parts of a camera were removed; those that are false were not there. */
export interface Removed {
  record: boolean;
  processor: boolean;
  stream: boolean;
}

/** How a camera is. */
export interface CameraState {
  readonly stream: StreamState | undefined;
  readonly processor: ProcessorState | undefined;
  readonly session: Session | undefined;
}

/** The cameras of one stack: each a stream, a label processor and a record. */
export class Fleet {
  readonly outputs: StackOutputs;
  readonly #video: KinesisVideoClient;
  readonly #rekognition: RekognitionClient;
  readonly #secrets: SecretsManagerClient;
  readonly #cameras: ReturnType<typeof camerasTable>;
  readonly #sessions: ReturnType<typeof sessionsTable>;

  private constructor(outputs: StackOutputs, config: ClientConfig) {
    this.outputs = outputs;
    this.#video = new KinesisVideoClient(config);
    this.#rekognition = new RekognitionClient(config);
    this.#secrets = new SecretsManagerClient(config);
    const dynamodb = new DynamoDBClient(config);
    this.#cameras = camerasTable(outputs.CamerasTableName, dynamodb);
    this.#sessions = sessionsTable(outputs.SessionsTableName, dynamodb);
  }

  /** @throws Error when there is no such stack or it is not Doorstep's */
  static async open(stackName: string, config: ClientConfig): Promise<Fleet> {
    return new Fleet(await stackOutputs(stackName, new CloudFormationClient(config)), config);
  }

  /** Every camera's credential is derived from it. Read once. */
  masterSecret(): Promise<string> {
    return readSecret(this.outputs.MasterSecretArn, this.#secrets);
  }

  find(cameraId: string): Promise<Camera | undefined> {
    return this.#cameras.find(cameraId, true);
  }

  /** All cameras, in the order of their ids. */
  list(): Promise<Camera[]> {
    return this.#cameras.list();
  }

  async stateOf({ cameraId, streamName, processorName }: Camera): Promise<CameraState> {
    const [stream, processor, session] = await Promise.all([
      streamState(streamName, this.#video),
      processorState(processorName, this.#rekognition),
      this.#sessions.find(cameraId),
    ]);
    return { stream, processor, session };
  }

  /**
   * Makes the camera's stream, its processor and, last, its record, so that no motion is taken before all is there. A
   * registered camera keeps its record; what is missing of it is made again, and its processor made what the record says.
   * @param options.made told of each thing as soon as it is made, so that it is known even when the next fails
   * @param options.retentionHours how long the stream of a new camera keeps its video
   * @param options.keyVersion that the credential of a new camera is derived with
   * @param options.isTried whether the processor of a new camera, or one that was changed, is run for a moment, to see that its role and stream do
   * @throws ProcessorBusyError, or Error when the trial failed
   */
  async add(
    settings: CameraSettings,
    options: {
      made?: Made;
      retentionHours?: number | undefined;
      keyVersion?: number | undefined;
      isTried?: boolean;
    } = {},
  ): Promise<Added> {
    const { cameraId } = settings;
    const { made = { cameraId }, retentionHours, isTried = false } = options;
    const name = this.outputs.CameraPrefix + cameraId;
    const registered = await this.find(cameraId);
    const camera =
      registered ??
      v.parse(cameraSchema, {
        ...settings,
        streamName: name,
        processorName: name,
        keyVersion: options.keyVersion ?? FIRST_KEY_VERSION,
      });
    const keptHours = retentionHours ?? DEFAULT_RETENTION_HOURS;
    let stream = await ensureStream(camera.streamName, keptHours, this.#video);
    if (stream.isNew) made.streamName = camera.streamName;
    if (
      !registered &&
      retentionHours !== undefined &&
      (await setRetention(stream, retentionHours, this.#video))
    )
      stream = { ...(await ensureStream(camera.streamName, keptHours, this.#video)), isNew: stream.isNew };
    const processor = await alignProcessor(this.#processorOf(camera, stream.arn), this.#rekognition);
    if (processor === "made") made.processorName = camera.processorName;
    if (isTried && (!registered || processor !== "unchanged")) {
      const failure = await tryProcessor(camera.processorName, this.#rekognition);
      if (failure !== undefined)
        throw new Error(
          `the stream processor ${camera.processorName} was made, but failed when it was tried: ${failure}`,
        );
    }
    if (registered || !(await this.#cameras.create(camera)))
      return { camera: registered ?? (await this.find(cameraId)) ?? camera, isNew: false, stream, processor };
    made.hasRecord = true;
    return { camera, isNew: true, stream, processor };
  }

  /**
   * Changes a camera: first its stream and processor, then its record.
   * @throws ProcessorBusyError when the processor has to change during a session; then nothing has changed
   * @throws Error when its stream is missing, or it was removed or its key rotated meanwhile
   */
  async update(
    before: Camera,
    changes: Partial<Omit<Camera, "cameraId">>,
    retentionHours?: number,
  ): Promise<{ camera: Camera; processor: Aligned; isRetentionNew: boolean }> {
    const camera = v.parse(cameraSchema, { ...before, ...changes });
    const stream = await streamState(camera.streamName, this.#video);
    if (!stream)
      throw new Error(`the stream ${camera.streamName} does not exist; camera add makes what is missing`);
    const isRetagged = JSON.stringify(before.tags) !== JSON.stringify(camera.tags);
    const wanted = this.#processorOf(camera, stream.arn);
    const processor = await alignProcessor(wanted, this.#rekognition, { isRetagged });
    const isRetentionNew =
      retentionHours !== undefined && (await setRetention(stream, retentionHours, this.#video));
    await this.change(before, changes);
    return { camera, processor, isRetentionNew };
  }

  /** Changes a camera's record alone. @throws Error when it was removed or its key rotated meanwhile */
  async change(before: Camera, changes: Partial<Camera>): Promise<void> {
    if (!(await this.#cameras.change(before, changes)))
      throw new Error(`${before.cameraId} was removed or its key rotated meanwhile; look and try again`);
  }

  /** All that a camera may have: by its record, or by its id where that is gone. */
  partsOf(cameraId: string, camera: Camera | undefined): Made {
    const name = this.outputs.CameraPrefix + cameraId;
    return {
      cameraId,
      streamName: camera?.streamName ?? name,
      processorName: camera?.processorName ?? name,
      hasRecord: true,
    };
  }

  /**
   * Removes parts of a camera, and forgets of them what is removed, so that it may be called again. What is not there
   * is fine.
   * @throws Error for what could not be removed; what comes after it is tried nevertheless
   */
  async remove(made: Made): Promise<Removed> {
    const { cameraId, processorName, streamName, hasRecord } = made;
    const removed: Removed = { record: false, processor: false, stream: false };
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
    if (hasRecord)
      await attempt("hasRecord", async () => {
        removed.record = await this.#cameras.remove(cameraId);
      });
    if (processorName !== undefined)
      await attempt("processorName", async () => {
        removed.processor = await removeProcessor(processorName, this.#rekognition);
      });
    if (streamName !== undefined)
      await attempt("streamName", async () => {
        removed.stream = await removeStream(streamName, this.#video);
      });
    // Last, since the end of a session that was stopped is still written to it, and from it to the ledger.
    if (hasRecord)
      await this.#settled(cameraId)
        .then(() => this.#sessions.remove(cameraId))
        .catch((error: unknown) => failures.push(error));
    if (failures.length > 0) throw new Error(failures.map((one) => errorMessage(one)).join("; "));
    return removed;
  }

  /** Waits a while for a session that is at work to end and for what is still to be told of it. */
  async #settled(cameraId: string): Promise<void> {
    for (let waitedMs = 0; waitedMs < SETTLED_WITHIN_MS; waitedMs += POLL_INTERVAL_MS) {
      const session = await this.#sessions.find(cameraId);
      const isAtWork = session?.state === "starting" || session?.state === "running";
      if (!session || (!isAtWork && session.outbox.length === 0)) return;
      await sleep(systemClock, POLL_INTERVAL_MS);
    }
  }

  /** Why the camera's processor failed, if it did. */
  async failureOf({ processorName }: Camera): Promise<string | undefined> {
    const state = await processorState(processorName, this.#rekognition);
    if (!state) return `the stream processor ${processorName} does not exist any more`;
    return failureOf(state);
  }

  #processorOf(camera: Camera, streamArn: string): LabelProcessor {
    const { cameraId, processorName, labels, regionsOfInterest, tags } = camera;
    return {
      name: processorName,
      streamArn,
      roleArn: this.outputs.RekognitionRoleArn,
      topicArn: this.outputs.DetectionsTopicArn,
      evidenceBucketName: this.outputs.EvidenceBucketName,
      labels,
      regionsOfInterest,
      tags: { ...tags, camera: cameraId },
    };
  }
}
