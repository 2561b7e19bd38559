import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { KinesisVideoClient } from "@aws-sdk/client-kinesis-video";
import { RekognitionClient } from "@aws-sdk/client-rekognition";
import { SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import * as v from "valibot";
import { systemClock, type Clock } from "../base/clock.ts";
import { asError, errorMessage } from "../base/errors.ts";
import { pollUntil } from "../base/poll.ts";
import { randomId } from "../base/random.ts";
import { deriveKey, signedHeaders } from "../core/motion/webhook.ts";
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
import { describeError } from "./aws-errors.ts";
import type { ClientConfig } from "./client-config.ts";
import { Footage } from "./footage.ts";
import {
  failureOf,
  processorState,
  reconcileProcessor,
  removeProcessor,
  type LabelProcessor,
  type ProcessorState,
  type Reconciled,
} from "./label-processor.ts";
import { tryProcessor, type Trial } from "./processor-trial.ts";
import { sendMotion, type MotionResponse } from "./motion-api.ts";
import { readSecret } from "../aws/secrets.ts";
import { sessionsTable } from "../aws/sessions.ts";
import { stackOutputs, type StackOutputs } from "./stack.ts";

/** How long the removal of a camera waits for its last session to reach the coverage ledger. */
const SETTLED_WITHIN_MS = 10_000;
const POLL_INTERVAL_MS = 500;

/** The parts of a camera that exist, or that a run created. */
export interface CameraParts {
  readonly cameraId: string;
  streamName?: string;
  processorName?: string;
  hasRecord?: boolean;
}

/** The result of adding a camera. */
export interface Added {
  readonly camera: Camera;
  readonly isNew: boolean;
  readonly stream: StreamState & { readonly isNew: boolean };
  readonly processor: Reconciled;
}

interface AddOptions {
  readonly created?: CameraParts;
  readonly retentionHours?: number | undefined;
  readonly keyVersion?: number | undefined;
}

/** The parts of a camera, for people. */
const namesOf = ({ streamName, processorName, hasRecord }: CameraParts): string[] => [
  ...(streamName === undefined ? [] : [`the stream ${streamName}`]),
  ...(processorName === undefined ? [] : [`the stream processor ${processorName}`]),
  ...(hasRecord ? ["the record"] : []),
];

/** Which parts of a camera were removed; those that are false did not exist. */
export interface Removed {
  record: boolean;
  processor: boolean;
  stream: boolean;
}

/** The state of a camera's parts. */
interface CameraState {
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
  readonly #config: ClientConfig;
  readonly #clock: Clock;

  private constructor(outputs: StackOutputs, config: ClientConfig, clock: Clock) {
    this.outputs = outputs;
    this.#config = config;
    this.#clock = clock;
    this.#video = new KinesisVideoClient(config);
    this.#rekognition = new RekognitionClient(config);
    this.#secrets = new SecretsManagerClient(config);
    const dynamodb = new DynamoDBClient(config);
    this.#cameras = camerasTable(outputs.CamerasTableName, dynamodb);
    this.#sessions = sessionsTable(outputs.SessionsTableName, dynamodb);
  }

  /** @throws Error that names the stack, when it does not exist or is not Doorstep's */
  static async open(stackName: string, config: ClientConfig, clock = systemClock): Promise<Fleet> {
    return new Fleet(await stackOutputs(stackName, config), config, clock);
  }

  /** Every camera's credential is derived from it. Cached for five minutes. */
  masterSecret(): Promise<string> {
    return readSecret(this.outputs.MasterSecretArn, this.#secrets, this.#clock);
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
      streamState(streamName, this.#video, this.#clock),
      processorState(processorName, this.#rekognition),
      this.#sessions.find(cameraId),
    ]);
    return { stream, processor, session };
  }

  /**
   * Creates the camera's stream, its processor and, last, its record, so that no motion is accepted before all exist. A
   * registered camera keeps its record; missing parts are created again, and its processor is reconciled with the record.
   * What was created for a new camera is removed again when a later part fails.
   * @param options.created gets each part as soon as it is created, and loses those that are removed again
   * @param options.retentionHours how long the stream of a new camera keeps its video
   * @param options.keyVersion version of the key that a new camera's credential is derived with; by default 1, or one
   *   more than the last of a removed camera of this id, whose credentials stay revoked
   * @throws ProcessorBusyError for a registered camera; Error that says what was removed again and what remains
   */
  async add(settings: CameraSettings, options: AddOptions = {}): Promise<Added> {
    const { cameraId } = settings;
    const { created = { cameraId }, retentionHours } = options;
    const registered = await this.find(cameraId);
    if (registered) return await this.#complete(registered, retentionHours, created);
    const camera = await this.#newCamera(settings, options.keyVersion);
    try {
      const parts = await this.#complete(camera, retentionHours, created);
      const stream = await this.#retained(parts.stream, camera, retentionHours);
      const isNew = await this.#cameras.create(camera);
      if (isNew) created.hasRecord = true;
      return { ...parts, stream, isNew, camera: isNew ? camera : ((await this.find(cameraId)) ?? camera) };
    } catch (error) {
      throw await this.takeBack(created, error);
    }
  }

  /** A camera that is not registered. @throws Error when the key version was used before */
  async #newCamera(settings: CameraSettings, wantedVersion: number | undefined): Promise<Camera> {
    const { cameraId } = settings;
    const name = this.outputs.CameraPrefix + cameraId;
    const revokedVersion = await this.#cameras.lastRemovedVersion(cameraId);
    const keyVersion = wantedVersion ?? revokedVersion + 1;
    if (keyVersion <= revokedVersion)
      throw new Error(
        `key version ${keyVersion} of ${cameraId} was revoked when the camera was removed; expected at least ${revokedVersion + 1}`,
      );
    return v.parse(cameraSchema, { ...settings, streamName: name, processorName: name, keyVersion });
  }

  /** Creates the stream and the processor where they are missing, and reconciles the processor with the camera. */
  async #complete(camera: Camera, retentionHours: number | undefined, created: CameraParts): Promise<Added> {
    const stream = await this.#stream(camera, retentionHours);
    if (stream.isNew) created.streamName = camera.streamName;
    const processor = await reconcileProcessor(this.#processorOf(camera, stream.arn), this.#rekognition);
    if (processor === "created") created.processorName = camera.processorName;
    return { camera, isNew: false, stream, processor };
  }

  #stream({ streamName }: Camera, retentionHours = DEFAULT_RETENTION_HOURS): Promise<Added["stream"]> {
    return ensureStream(streamName, retentionHours, this.#video, this.#clock);
  }

  /** The stream, which keeps its video for as long as requested. */
  async #retained(
    stream: Added["stream"],
    camera: Camera,
    retentionHours = stream.retentionHours,
  ): Promise<Added["stream"]> {
    const isChanged = await setRetention(stream, retentionHours, this.#video, this.#clock);
    return isChanged ? { ...(await this.#stream(camera)), isNew: stream.isNew } : stream;
  }

  /**
   * Removes the parts that were created for a camera which cannot be added.
   * @returns an error that says why, what was removed again and what remains
   */
  async takeBack(created: CameraParts, cause: unknown): Promise<Error> {
    const { cameraId } = created;
    const parts = namesOf(created);
    if (parts.length === 0) return asError(cause);
    const why = describeError(cause);
    try {
      await this.remove(created);
      return new Error(`${why}; ${cameraId} was not added, and removed again: ${parts.join(", ")}`, {
        cause,
      });
    } catch (error) {
      return new Error(
        `${why}; ${cameraId} was not added, and these remain: ${namesOf(created).join(", ")} (${describeError(error)}); ` +
          `npx doorstep camera remove ${cameraId} --yes removes them, camera add goes on with them`,
        { cause },
      );
    }
  }

  /** Runs the camera's processor for a moment on video that its stream holds, to check role and stream. */
  async try({ processorName, streamName }: Camera): Promise<Trial> {
    const footage = new Footage(streamName, this.#config, this.#clock);
    try {
      return await tryProcessor(processorName, () => footage.anyFragment(), this.#rekognition, this.#clock);
    } finally {
      footage.close();
    }
  }

  /**
   * Changes a camera: first its stream and processor, then its record.
   * @throws ProcessorBusyError when the processor has to change while a session runs; then nothing has changed
   * @throws Error when its stream is missing, or it was removed or its key rotated meanwhile
   */
  async update(
    before: Camera,
    changes: Partial<Omit<Camera, "cameraId">>,
    retentionHours?: number,
  ): Promise<{ camera: Camera; processor: Reconciled; isRetentionNew: boolean }> {
    const camera = v.parse(cameraSchema, { ...before, ...changes });
    const stream = await streamState(camera.streamName, this.#video, this.#clock);
    if (!stream)
      throw new Error(
        `the stream ${camera.streamName} does not exist; npx doorstep camera add ${camera.cameraId} creates what is missing`,
      );
    const isRetagged = JSON.stringify(before.tags) !== JSON.stringify(camera.tags);
    const wanted = this.#processorOf(camera, stream.arn);
    const processor = await reconcileProcessor(wanted, this.#rekognition, { isRetagged });
    const isRetentionNew =
      retentionHours !== undefined && (await setRetention(stream, retentionHours, this.#video, this.#clock));
    await this.change(before, changes);
    return { camera, processor, isRetentionNew };
  }

  /** Changes a camera's record alone. @throws Error when it was removed or its key was rotated meanwhile */
  async change(before: Camera, changes: Partial<Camera>): Promise<void> {
    if (!(await this.#cameras.change(before, changes)))
      throw new Error(
        `${before.cameraId} was removed or its key was rotated meanwhile; check it and try again`,
      );
  }

  /** All parts that a camera may have: named by its record, or by its id where it has no record. */
  partsOf(cameraId: string, camera: Camera | undefined): CameraParts {
    const name = this.outputs.CameraPrefix + cameraId;
    return {
      cameraId,
      streamName: camera?.streamName ?? name,
      processorName: camera?.processorName ?? name,
      hasRecord: true,
    };
  }

  /**
   * Removes parts of a camera, and deletes each removed part from `parts`, so that a second call goes on with the rest.
   * Parts that do not exist are no error. The last key version is remembered, unless `isForgotten`: for random ids that
   * are never used again.
   * @throws Error that names every part that could not be removed; the others are removed nevertheless
   */
  async remove(parts: CameraParts, { isForgotten = false } = {}): Promise<Removed> {
    const { cameraId, processorName, streamName, hasRecord } = parts;
    const removed: Removed = { record: false, processor: false, stream: false };
    const failures: unknown[] = [];
    const attempt = async (what: keyof CameraParts, remove: () => Promise<void>) => {
      try {
        await remove();
        delete (parts as Partial<CameraParts>)[what];
      } catch (error) {
        failures.push(error);
      }
    };
    // The record first: without it, no new session starts.
    if (hasRecord)
      await attempt("hasRecord", async () => {
        removed.record = await (isForgotten
          ? this.#cameras.forget(cameraId)
          : this.#cameras.remove(cameraId));
      });
    if (processorName !== undefined)
      await attempt("processorName", async () => {
        removed.processor = await removeProcessor(processorName, this.#rekognition, this.#clock);
      });
    if (streamName !== undefined)
      await attempt("streamName", async () => {
        removed.stream = await removeStream(streamName, this.#video, this.#clock);
      });
    // Last: the end of a stopped session is still written to it, and from there to the coverage ledger.
    if (hasRecord)
      await this.#settled(cameraId)
        .then(() => this.#sessions.remove(cameraId))
        .catch((error: unknown) => failures.push(error));
    if (failures.length > 0) throw new Error(failures.map((one) => errorMessage(one)).join("; "));
    return removed;
  }

  /** Waits a while until the camera's session has ended and its outbox is empty. */
  async #settled(cameraId: string): Promise<void> {
    await pollUntil(
      async () => {
        const session = await this.#sessions.find(cameraId);
        const isRunning = session?.state === "starting" || session?.state === "running";
        return !session || (!isRunning && session.outbox.length === 0) || undefined;
      },
      { clock: this.#clock, everyMs: POLL_INTERVAL_MS, withinMs: SETTLED_WITHIN_MS },
    );
  }

  /**
   * Sends a motion webhook as the camera would, signed with its key. The body says what is reported, so the signature
   * covers that, too.
   * @param times `at` in epoch milliseconds, now by default
   * @throws Error when there is no response; the signal's reason once it aborts
   */
  async sendMotion(
    { cameraId, keyVersion }: Camera,
    verb: "start" | "stop",
    times: { readonly at?: number; readonly maxDurationSeconds?: number },
    signal?: AbortSignal,
  ): Promise<MotionResponse> {
    const body = JSON.stringify({ ...times, motion: verb });
    const key = deriveKey(await this.masterSecret(), cameraId, keyVersion);
    const headers = signedHeaders(key, `msg_${randomId()}`, this.#clock.now(), body);
    return await sendMotion(this.outputs.MotionApiUrl, { cameraId, verb, body }, headers, signal);
  }

  /** Why the camera's processor failed, if it did. */
  async failureOf({ processorName }: Camera): Promise<string | undefined> {
    const state = await processorState(processorName, this.#rekognition);
    if (!state) return `the stream processor ${processorName} no longer exists`;
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
