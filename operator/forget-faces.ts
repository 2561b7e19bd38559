import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { KinesisVideoClient } from "@aws-sdk/client-kinesis-video";
import { RekognitionClient } from "@aws-sdk/client-rekognition";
import { S3Client } from "@aws-sdk/client-s3";
import { camerasTable } from "../aws/cameras.ts";
import { enrolledFaces } from "../aws/enrolled-faces.ts";
import { objectVersions } from "../aws/object-versions.ts";
import { personsTable } from "../aws/persons.ts";
import { sleep, type Clock } from "../base/clock.ts";
import { DAY_MS, HOUR_MS } from "../base/durations.ts";
import { rewriteFaceFiles } from "../core/faces/face-files.ts";
import {
  beginForget,
  countStored,
  faceRuleOf,
  finishForgets,
  idsOf,
  settleMs,
  type ForgetCounts,
  type ForgetParts,
} from "../core/faces/forget.ts";
import { isForgotten, type ForgottenPerson, type PersonRecord } from "../schemas/person.ts";
import { streamState } from "./camera-stream.ts";
import type { ClientConfig } from "./client-config.ts";
import { stackForgetOutputs, type StackForgetOutputs } from "./stack.ts";

/** What is left of a forgotten person and goes away by itself. */
export interface Expiring {
  readonly what: string;
  /** Epoch milliseconds; undefined for what is kept until someone deletes it. */
  readonly goneAtMs: number | undefined;
}

/** What the bucket keeps of query results and evidence that are deleted or replaced, in days (resources/lake.yml, video.yml). */
const REPLACED_RESULT_DAYS = 1;
const REPLACED_EVIDENCE_DAYS = 30;
/** Longest restorable time of a table (documented: DynamoDB, point-in-time recovery). */
const RECOVERY_DAYS = 35;
/** SQS's longest retention, which the dead-letter queues have. */
const DEAD_LETTER_DAYS = 14;
/** Retention of a camera's data stream (documented default: Kinesis Data Streams). */
const DATA_STREAM_HOURS = 24;

/** Forgets persons of one stack, with what its functions work with. */
export class ForgetFaces {
  readonly #outputs: StackForgetOutputs;
  readonly #parts: ForgetParts;
  readonly #cameras: ReturnType<typeof camerasTable>;
  readonly #video: KinesisVideoClient;
  readonly #clock: Clock;
  readonly #clients: readonly { destroy(): void }[];

  private constructor(
    outputs: StackForgetOutputs,
    config: ClientConfig,
    clock: Clock,
    more: Pick<ForgetParts, "signal" | "progress">,
  ) {
    const dynamodb = new DynamoDBClient(config);
    const rekognition = new RekognitionClient({ ...config, retryMode: "adaptive", maxAttempts: 10 });
    // Path-style addresses reach every bucket at any endpoint.
    const s3 = new S3Client({ ...config, forcePathStyle: true });
    this.#video = new KinesisVideoClient(config);
    this.#outputs = outputs;
    this.#clock = clock;
    this.#cameras = camerasTable(outputs.CamerasTableName, dynamodb);
    this.#clients = [dynamodb, rekognition, s3, this.#video];
    this.#parts = {
      now: () => clock.now(),
      sleep: (ms) => sleep(clock, ms, more.signal),
      persons: personsTable(outputs.PersonsTableName, dynamodb),
      collection: enrolledFaces(outputs.FacesCollectionId, rekognition, clock),
      files: objectVersions(outputs.LakeBucketName, s3),
      settleMs: settleMs(outputs.LakeBufferSeconds),
      ...more,
    };
  }

  /** @throws Error that names the stack, when it does not exist or has no faces */
  static async open(
    stackName: string,
    config: ClientConfig,
    clock: Clock,
    more: Pick<ForgetParts, "signal" | "progress">,
  ): Promise<ForgetFaces> {
    return new ForgetFaces(await stackForgetOutputs(stackName, config), config, clock, more);
  }

  close(): void {
    for (const client of this.#clients) client.destroy();
  }

  find(personId: string): Promise<PersonRecord | undefined> {
    return this.#parts.persons.find(personId);
  }

  /** What is stored of a person, and changes nothing. */
  async count(personId: string): Promise<ForgetCounts & { readonly ids: readonly string[] }> {
    const record = await this.find(personId);
    const ids =
      record && isForgotten(record) ? record.ids : idsOf(personId, await this.#parts.persons.list());
    return { ...(await countStored(this.#parts, new Set(ids))), ids };
  }

  /** Forgets a person, or finishes that. @throws Error that names a store that still holds something */
  async forget(personId: string): Promise<ForgottenPerson> {
    const begun = await beginForget(this.#parts, personId, "requested");
    const [done] = await finishForgets(this.#parts, [begun]);
    return done!;
  }

  /** Gives the rows of merged persons to whom they were merged into. @returns how many rows were changed */
  async renameRows(): Promise<number> {
    const { persons, files, signal } = this.#parts;
    let rows = 0;
    await rewriteFaceFiles(files, async () => faceRuleOf(await persons.list()), {
      signal,
      onRewritten: async ({ renamed }) => {
        for (const count of renamed.values()) rows += count;
      },
    });
    return rows;
  }

  /** What may still show or name the person, and when it is gone, the first first. */
  async expiring(): Promise<Expiring[]> {
    const { EvidenceExpiryDays, QueryResultExpiryDays, LogRetentionDays } = this.#outputs;
    const nowMs = this.#clock.now();
    const inDays = (days: number) => nowMs + days * DAY_MS;
    const video: Expiring[] = [];
    for (const { cameraId, streamName } of await this.#cameras.list()) {
      const state = await streamState(streamName, this.#video, this.#clock);
      if (state)
        video.push({ what: `video of camera ${cameraId}`, goneAtMs: nowMs + state.retentionHours * HOUR_MS });
    }
    const expiring: Expiring[] = [
      ...video,
      {
        what: "data streams of cameras of the engine face-search: ids",
        goneAtMs: nowMs + DATA_STREAM_HOURS * HOUR_MS,
      },
      {
        what: "results of queries in Athena: ids",
        goneAtMs: inDays(QueryResultExpiryDays + REPLACED_RESULT_DAYS),
      },
      {
        what: "dead-letter queues: ids, which are dropped when they are redriven",
        goneAtMs: inDays(DEAD_LETTER_DAYS),
      },
      { what: "logs: ids", goneAtMs: inDays(LogRetentionDays) },
      { what: "point-in-time recovery of the table of persons: the name", goneAtMs: inDays(RECOVERY_DAYS) },
      {
        what: "frames and crops of detections, which may show the person",
        goneAtMs: EvidenceExpiryDays === 0 ? undefined : inDays(EvidenceExpiryDays + REPLACED_EVIDENCE_DAYS),
      },
    ];
    return expiring.toSorted((a, b) => (a.goneAtMs ?? Infinity) - (b.goneAtMs ?? Infinity));
  }
}
