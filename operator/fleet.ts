import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { KinesisVideoClient } from "@aws-sdk/client-kinesis-video";
import { RekognitionClient } from "@aws-sdk/client-rekognition";
import { SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import * as v from "valibot";
import { systemClock, type Clock } from "../base/clock.ts";
import { asError, errorMessage } from "../base/errors.ts";
import { pollUntil } from "../base/poll.ts";
import { randomId } from "../base/random.ts";
import { deriveKey, signedHeaders } from "../core/webhook.ts";
import {
  camera as cameraSchema,
  cameraSettings,
  facesProblem,
  labelsProblem,
  type Camera,
  type CameraInput,
  type CameraSettings,
} from "../schemas/camera.ts";
import { faceSearchProblem, WITHOUT_FACE_SEARCH } from "../schemas/regions.ts";
import type { Session } from "../schemas/session.ts";
import {
  DEFAULT_RETENTION_HOURS,
  ensureStream,
  removeStream,
  setRetention,
  streamState,
  type StreamState,
} from "./camera-stream.ts";
import { alertsTable } from "../aws/alerts.ts";
import { camerasTable } from "../aws/cameras.ts";
import { describeError, isClosedToAccount } from "./aws-errors.ts";
import type { ClientConfig } from "./client-config.ts";
import {
  chooseEngine,
  CLOSED_TO_ACCOUNT,
  streamingAccess,
  type EngineChoice,
  type StreamingAccess,
} from "./engine-choice.ts";
import { faceSearchParts, type DataStreamState, type WantedFaceSearch } from "./face-processor.ts";
import { faceSearchSessions } from "./face-sessions.ts";
import { Footage } from "./footage.ts";
import { framesSessions } from "./frames-sessions.ts";
import { enterHeldRecords, heldRecordParts, type HeldRecordParts } from "./held-records.ts";
import {
  failureOf,
  isFaceSearch,
  processorState,
  reconcileProcessor,
  removeIdleProcessor,
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
  /** Name of its data stream, of the engine `face-search`. */
  dataStreamName?: string;
  hasRecord?: boolean;
}

/**
 * What was done to a camera's processor. The engine `frames` needs none: there was `none`, or the one of the camera's
 * earlier engine was `deleted`, or is still `in-use` by its last session.
 */
export type ProcessorOutcome = Reconciled | "none" | "deleted" | "in-use";

/** The settings of a camera to add; `auto` chooses the engine by account, Region and labels. */
export type NewCamera = Omit<CameraSettings, "engine"> & {
  readonly engine?: CameraSettings["engine"] | "auto";
};

/** The result of adding a camera. */
export interface Added {
  readonly camera: Camera;
  readonly isNew: boolean;
  readonly stream: StreamState & { readonly isNew: boolean };
  readonly processor: ProcessorOutcome;
  /** Why it has its engine, if that was chosen. */
  readonly engineReason?: string;
}

interface AddOptions {
  readonly created?: CameraParts;
  readonly retentionHours?: number | undefined;
  readonly keyVersion?: number | undefined;
  /** Completes a new camera, once its engine is chosen. */
  readonly complete?: (camera: Camera) => Camera;
}

/** The parts of a camera, for people. */
const namesOf = ({ streamName, processorName, dataStreamName, hasRecord }: CameraParts): string[] => [
  ...(streamName === undefined ? [] : [`the stream ${streamName}`]),
  ...(processorName === undefined ? [] : [`the stream processor ${processorName}`]),
  ...(dataStreamName === undefined ? [] : [`the data stream ${dataStreamName}`]),
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
  /** Of the engine `face-search`. */
  readonly dataStream: DataStreamState | undefined;
  readonly session: Session | undefined;
}

/** The cameras of one stack: each a stream, a record and, for the engine `stream-processor`, a label processor. */
export class Fleet {
  readonly outputs: StackOutputs;
  readonly #video: KinesisVideoClient;
  readonly #rekognition: RekognitionClient;
  readonly #secrets: SecretsManagerClient;
  readonly #cameras: ReturnType<typeof camerasTable>;
  readonly #sessions: ReturnType<typeof sessionsTable>;
  readonly #framesSessions: ReturnType<typeof framesSessions>;
  readonly #faceSearch: ReturnType<typeof faceSearchParts>;
  readonly #faceSessions: ReturnType<typeof faceSearchSessions>;
  readonly #heldRecords: HeldRecordParts;
  readonly #alerts: ReturnType<typeof alertsTable>;
  readonly #config: ClientConfig;
  readonly #clock: Clock;
  /** Read once, by the first camera that needs it. */
  #streaming: Promise<StreamingAccess> | undefined;

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
    this.#alerts = alertsTable(outputs.AlertsTableName, dynamodb);
    const parts = { config, dynamodb, clock };
    this.#framesSessions = framesSessions(outputs, parts);
    this.#faceSearch = faceSearchParts(config, this.#rekognition, clock);
    this.#faceSessions = faceSearchSessions(outputs, parts);
    this.#heldRecords = heldRecordParts(outputs, parts);
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

  /** A camera of the engine `frames` has no processor, and only one of `face-search` has a data stream. */
  async stateOf({ cameraId, engine, streamName, processorName }: Camera): Promise<CameraState> {
    const [stream, processor, dataStream, session] = await Promise.all([
      streamState(streamName, this.#video, this.#clock),
      engine === "frames" ? undefined : processorState(processorName, this.#rekognition),
      engine === "face-search"
        ? this.#faceSearch.state(processorName, this.outputs.RecordFacesFunctionName)
        : undefined,
      this.#sessions.find(cameraId),
    ]);
    return { stream, processor, dataStream, session };
  }

  /**
   * Creates the camera's stream, its processor if its engine has one and, last, its record, so that no motion is accepted
   * before all exist. A registered camera keeps its record, with its engine; missing parts are created again, and its
   * processor is reconciled with the record. What was created for a new camera is removed again when a later part fails.
   * @param options.created gets each part as soon as it is created, and loses those that are removed again
   * @param options.retentionHours how long the stream of a new camera keeps its video
   * @param options.keyVersion version of the key that a new camera's credential is derived with; by default 1, or one
   *   more than the last of a removed camera of this id, whose credentials stay revoked
   * @param options.complete sets what depends on the engine
   * @throws ProcessorBusyError for a registered camera; Error that says what was removed again and what remains
   */
  async add({ engine, ...settings }: NewCamera, options: AddOptions = {}): Promise<Added> {
    const { cameraId } = settings;
    const { created = { cameraId }, retentionHours, complete = (camera) => camera } = options;
    const registered = await this.find(cameraId);
    if (registered) {
      const stream = await this.#stream(registered, retentionHours, created);
      return {
        camera: registered,
        isNew: false,
        stream,
        processor: await this.#align(registered, stream.arn),
      };
    }
    const choice = engine === "auto" ? await this.#chooseEngine(settings) : undefined;
    const chosen = engine === "auto" ? choice?.engine : engine;
    const camera = await this.#newCamera({ ...settings, engine: chosen }, options.keyVersion);
    await this.#checkRegion(camera);
    try {
      const stream = await this.#stream(camera, retentionHours, created);
      const made = await this.#createProcessor(camera, choice, stream.arn, created);
      const retained = await this.#retained(stream, camera, retentionHours);
      const completed = complete(made.camera);
      const isNew = await this.#cameras.create(completed);
      if (isNew) created.hasRecord = true;
      return {
        ...made,
        stream: retained,
        isNew,
        camera: isNew ? completed : ((await this.find(cameraId)) ?? completed),
      };
    } catch (error) {
      throw await this.takeBack(created, error);
    }
  }

  /** @throws Error when no engine works in the Region, or none detects the labels */
  async #chooseEngine(settings: Omit<NewCamera, "engine">): Promise<EngineChoice> {
    const labels = v.parse(cameraSettings.entries.labels, settings.labels);
    this.#streaming ??= streamingAccess(this.#rekognition);
    const ofFrames: string[] = (["maxSampleGapSeconds", "whenAllDetected"] as const).filter(
      (one) => one in settings,
    );
    if (settings.faces) ofFrames.push("faces");
    const region = await this.#rekognition.config.region();
    return chooseEngine(region, await this.#streaming, Object.keys(labels), ofFrames);
  }

  /** @throws Error when the camera's engine does not work in the Region, before anything is created */
  async #checkRegion({ engine }: Camera): Promise<void> {
    if (engine !== "face-search") return;
    const problem = faceSearchProblem(await this.#rekognition.config.region());
    if (problem !== undefined) throw new Error(`${problem}; ${WITHOUT_FACE_SEARCH}`);
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
    return checkedCamera({ ...settings, streamName: name, processorName: name, keyVersion });
  }

  /** Creates the stream where it is missing. */
  async #stream(
    { streamName }: Camera,
    retentionHours = DEFAULT_RETENTION_HOURS,
    created?: CameraParts,
  ): Promise<Added["stream"]> {
    const stream = await ensureStream(streamName, retentionHours, this.#video, this.#clock);
    if (stream.isNew && created) created.streamName = streamName;
    return stream;
  }

  /**
   * Creates a new camera's processor, if its engine has one. When that shows that streaming video is closed to the account,
   * a camera whose engine was chosen gets the engine frames.
   */
  async #createProcessor(
    camera: Camera,
    choice: EngineChoice | undefined,
    streamArn: string,
    created: CameraParts,
  ): Promise<Pick<Added, "camera" | "processor" | "engineReason">> {
    if (camera.engine === "frames")
      return { camera, processor: "none", ...(choice && { engineReason: choice.why }) };
    if (camera.engine === "face-search") created.dataStreamName = camera.processorName;
    try {
      const processor = await this.#align(camera, streamArn);
      if (processor === "created") created.processorName = camera.processorName;
      return { camera, processor, ...(choice && { engineReason: choice.why }) };
    } catch (error) {
      if (choice?.isTentative !== true || !isClosedToAccount(error)) throw error;
      this.#streaming = Promise.resolve(CLOSED_TO_ACCOUNT);
      const region = await this.#rekognition.config.region();
      const { engine, why } = chooseEngine(region, CLOSED_TO_ACCOUNT, Object.keys(camera.labels));
      return { camera: checkedCamera({ ...camera, engine }), processor: "none", engineReason: why };
    }
  }

  /** Reconciles the processor with the camera, or deletes it where the camera's engine has none. */
  async #align(camera: Camera, streamArn: string, isRetagged = false): Promise<ProcessorOutcome> {
    if (camera.engine === "stream-processor")
      return await reconcileProcessor(this.#processorOf(camera, streamArn), this.#rekognition, {
        isRetagged,
      });
    if (camera.engine === "face-search")
      return await this.#faceSearch.reconcile(this.#faceSearchOf(camera, streamArn), { isRetagged });
    // A session that was started before the camera got its engine goes on, and its record is read before its processor is
    // deleted: the processor of a session that has just been requested is not running yet.
    const session = await this.#sessions.find(camera.cameraId);
    const isUsed =
      (session?.state === "starting" || session?.state === "running") &&
      session.run !== undefined &&
      session.run.engine !== "frames" &&
      session.run.endedAtMs === undefined;
    return isUsed ? "in-use" : await removeIdleProcessor(camera.processorName, this.#rekognition);
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
   * Changes a camera. A processor is changed or created before the record. One that the engine no longer needs is deleted
   * after it, and only if no session runs on it: new sessions use the record's engine, a running one ends on its own.
   * A session of `face-search` is ended at once, since its processor reads into a data stream, which the camera loses with it.
   * @throws ProcessorBusyError when the processor has to change while a session runs; then nothing has changed
   * @throws Error when its stream is missing, or it was removed or its key rotated meanwhile
   */
  async update(
    before: Camera,
    changes: Partial<Omit<Camera, "cameraId">>,
    retentionHours?: number,
  ): Promise<{ camera: Camera; processor: ProcessorOutcome; isRetentionNew: boolean }> {
    const camera = checkedCamera({ ...before, ...changes });
    if (camera.engine !== before.engine) await this.#checkRegion(camera);
    const stream = await streamState(camera.streamName, this.#video, this.#clock);
    if (!stream)
      throw new Error(
        `the stream ${camera.streamName} does not exist; npx doorstep camera add ${camera.cameraId} creates what is missing`,
      );
    const isRetagged = JSON.stringify(before.tags) !== JSON.stringify(camera.tags);
    const align = () => this.#align(camera, stream.arn, isRetagged);
    const isLeaving = camera.engine !== "face-search" && (await this.#hasFaceSearch(camera.processorName));
    const isFirst = camera.engine !== "frames" && !isLeaving;
    const changed = isFirst ? await align() : undefined;
    const isRetentionNew =
      retentionHours !== undefined && (await setRetention(stream, retentionHours, this.#video, this.#clock));
    await this.change(before, changes);
    if (isLeaving) await this.#leaveFaceSearch(camera);
    const aligned = changed ?? (await align());
    const processor = isLeaving && aligned === "none" ? "deleted" : aligned;
    return { camera, processor, isRetentionNew };
  }

  /** Whether a camera has parts of the engine `face-search`, also those that an interrupted change of its engine left. */
  async #hasFaceSearch(processorName: string): Promise<boolean> {
    return (
      (await isFaceSearch(processorName, this.#rekognition)) ||
      (await this.#faceSessions.exists(processorName))
    );
  }

  /**
   * Takes away what the engine `face-search` had, once no new session uses it. The processor and the session's record go last:
   * as long as one of them is there, another run completes what an interrupted one has left.
   */
  async #leaveFaceSearch({ processorName, faces }: Camera): Promise<void> {
    await this.#endFaceSearch(processorName, faces);
    if (await isFaceSearch(processorName, this.#rekognition))
      await removeProcessor(processorName, this.#rekognition, this.#clock);
    // A session that was requested before the record changed may have started meanwhile.
    await this.#faceSessions.end(processorName);
    await this.#faceSessions.remove(processorName);
  }

  /**
   * Ends the camera's session, whose end is published, and deletes its data stream once that is read.
   * @param isKept whether faces that the data stream holds are taken into the lake
   */
  async #endFaceSearch(processorName: string, isKept: boolean): Promise<void> {
    await this.#faceSessions.end(processorName);
    await this.#faceSearch.removeDataStream(
      processorName,
      this.outputs.RecordFacesFunctionName,
      async (streamArn) => {
        if (isKept) await enterHeldRecords(this.#heldRecords, streamArn);
      },
    );
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
      // Without a record, its engine is unknown.
      ...(camera?.engine !== "frames" &&
        camera?.engine !== "stream-processor" && { dataStreamName: camera?.processorName ?? name }),
      hasRecord: true,
    };
  }

  /**
   * Removes parts of a camera, and deletes each removed part from `parts`, so that a second call goes on with the rest.
   * Parts that do not exist are no error. The last key version is remembered, unless `isForgotten`: for random ids that
   * are never used again.
   * @throws Error that names every part that could not be removed; the others are removed nevertheless, but for those that
   *   the end of a session of `face-search` needs
   */
  async remove(parts: CameraParts, { isForgotten = false } = {}): Promise<Removed> {
    const { cameraId, processorName, streamName, hasRecord } = parts;
    const removed: Removed = { record: false, processor: false, stream: false };
    const failures: unknown[] = [];
    const attempt = async (what: keyof CameraParts, remove: () => Promise<void>): Promise<boolean> => {
      try {
        await remove();
        delete (parts as Partial<CameraParts>)[what];
        return true;
      } catch (error) {
        failures.push(error);
        return false;
      }
    };
    // The record first: without it, no new session starts.
    if (hasRecord)
      await attempt("hasRecord", async () => {
        removed.record = await (isForgotten
          ? this.#cameras.forget(cameraId)
          : this.#cameras.remove(cameraId));
      });
    const isOver = await attempt("dataStreamName", async () => {
      const { dataStreamName = processorName } = parts;
      if (dataStreamName === undefined) return;
      if (parts.dataStreamName !== undefined || (await this.#hasFaceSearch(dataStreamName)))
        await this.#endFaceSearch(dataStreamName, true);
    });
    if (processorName !== undefined && isOver)
      await attempt("processorName", async () => {
        removed.processor = await removeProcessor(processorName, this.#rekognition, this.#clock);
        await this.#framesSessions.remove(processorName);
        await this.#faceSessions.remove(processorName);
      });
    if (streamName !== undefined && isOver)
      await attempt("streamName", async () => {
        removed.stream = await removeStream(streamName, this.#video, this.#clock);
      });
    // Last: the end of a stopped session is still written to it, and from there to the coverage ledger.
    if (hasRecord)
      await this.#settled(cameraId)
        .then(() => Promise.all([this.#sessions.remove(cameraId), this.#alerts.remove(cameraId)]))
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
    const headers = signedHeaders([key], `msg_${randomId()}`, this.#clock.now(), body);
    return await sendMotion(this.outputs.MotionApiUrl, { cameraId, verb, body }, headers, signal);
  }

  /** Why the camera's processor failed, if it did; of the engine `frames`, why its latest session did. */
  async failureOf({ engine, processorName }: Camera): Promise<string | undefined> {
    if (engine === "frames") return await this.#framesSessions.failureOf(processorName);
    if (engine === "face-search") {
      const failure = await this.#faceSessions.failureOf(processorName);
      if (failure !== undefined) return failure;
    }
    const state = await processorState(processorName, this.#rekognition);
    if (!state) return `the stream processor ${processorName} no longer exists`;
    return failureOf(state);
  }

  #faceSearchOf({ cameraId, processorName, tags }: Camera, streamArn: string): WantedFaceSearch {
    const { outputs } = this;
    return {
      name: processorName,
      streamArn,
      roleArn: outputs.FaceSearchRoleArn,
      collectionId: outputs.FacesCollectionId,
      matchThreshold: Number(outputs.FaceMatchThreshold),
      functionName: outputs.RecordFacesFunctionName,
      failureQueueArn: outputs.UnrecordedQueueArn,
      tags: { ...tags, camera: cameraId },
    };
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

/** @throws Error when the camera's engine cannot detect its labels, or cannot do as its `faces` says */
function checkedCamera(camera: CameraInput): Camera {
  const checked = v.parse(cameraSchema, camera);
  const problem = labelsProblem(checked);
  if (problem !== undefined) throw new Error(`labels: ${problem}`);
  const ofFaces = facesProblem(checked);
  if (ofFaces !== undefined) throw new Error(`faces: ${ofFaces}`);
  return checked;
}
