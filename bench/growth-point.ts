// One point of `growth.bench.ts`: does the work of a size on a local cloud in this process, and prints what both took.
import { mkdtempSync, rmSync } from "node:fs";
import { Agent } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { AthenaClient } from "@aws-sdk/client-athena";
import { PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { PublishBatchCommand, SNSClient } from "@aws-sdk/client-sns";
import { parquetMetadata } from "hyparquet";
import { DAY_MS, HOUR_MS, SECOND_MS } from "../base/durations.ts";
import { writeHours } from "../cli/generate/lake-files.ts";
import { runQuery } from "../operator/athena.ts";
import { masterSecretOf, type TestStack } from "../test/local/stack.ts";
import { countLake } from "../test/soak/count.ts";
import { reportMotion } from "../test/support/motion.ts";
import { exampleText } from "../test/support/notifications.ts";
import { DeliveredRows } from "./delivered-rows.ts";
import { rounded } from "./figures.ts";
import { onStack } from "./on-stack.ts";
import { peakMb } from "./peak-memory.ts";
import type { Point } from "./result.ts";

const SAMPLE = JSON.stringify(JSON.parse(exampleText("label-detected.json")));
const EVENT_ID = "8c2f5e1a-7b3d-4e60-9a41-d0c5b6e7f801";
const PUBLISHERS = 4;
const BATCH = 10;
const POLL_MS = 200;
/** Within Rekognition's starts and creations a second, and its 200 sessions at a time. */
const CAMERAS_PER_SECOND = 20;
const CAMERAS_AT_A_TIME = 200;
const SESSION_SECONDS = 10;

/** Prepares, and returns the work to measure, which returns what to check behind it. */
type Series = (stack: TestStack, size: number, dataFolder: string) => Promise<() => Promise<Check>>;
type Check = () => Promise<void>;

const SERIES: Readonly<Record<string, Series>> = {
  events: async (stack, size, dataFolder) => {
    const sns = new SNSClient(stack.config);
    const TopicArn = stack.journey.outputs.DetectionsTopicArn;
    let next = 0;
    const publish = async (): Promise<void> => {
      while (next < size) {
        const first = next;
        next += BATCH;
        const entries = Array.from({ length: Math.min(BATCH, size - first) }, (_, index) => ({
          Id: String(index),
          Message: notification(first + index),
        }));
        const { Failed = [] } = await sns.send(
          new PublishBatchCommand({ TopicArn, PublishBatchRequestEntries: entries }),
        );
        if (Failed.length > 0) throw new Error(`not published: ${Failed[0]!.Message}`);
      }
    };
    return async () => {
      const rows = new DeliveredRows(stack);
      await Promise.all(Array.from({ length: PUBLISHERS }, publish));
      while (rows.count < size) {
        await stack.flushFirehose();
        await pause(POLL_MS);
      }
      rows.stop();
      sns.destroy();
      return async () => {
        const { detections, rows: inFiles } = await countLake(dataFolder);
        expectEqual("events in the lake", detections.size, size);
        expectEqual("rows in the lake", inFiles, size);
      };
    };
  },

  cameras: async (stack, size) => {
    const { journey, clock, local } = stack;
    const api = {
      url: journey.outputs.MotionApiUrl,
      masterSecret: await masterSecretOf(stack),
      agent: new Agent({ keepAlive: true }),
      nowMs: () => clock.now(),
    };
    const started = new Set<string>();
    let ended = 0;
    let sessions = 0;
    local.cloud.events.subscribe(({ service, name, detail }) => {
      if (service !== "rekognition") return;
      if (name === "session-started") {
        started.add(String(detail["processor"]));
        sessions++;
      }
      if (name === "session-completed" || name === "session-failed") ended++;
    });
    return async () => {
      for (let first = 0; first < size; first += CAMERAS_PER_SECOND) {
        const ids = Array.from(
          { length: Math.min(CAMERAS_PER_SECOND, size - first) },
          (_, index) => `camera-${first + index}`,
        );
        await Promise.all(ids.map((id) => journey.register(id)));
        const body = JSON.stringify({ at: clock.now(), maxDurationSeconds: SESSION_SECONDS });
        const statuses = await Promise.all(
          ids.map(async (id) => (await reportMotion(api, id, "start", body)).status),
        );
        if (statuses.some((status) => status !== 202)) throw new Error(`starts: ${statuses.join()}`);
        await Promise.all(ids.map((id) => reportMotion(api, id, "stop")));
        clock.turn(SECOND_MS);
        while (sessions - ended >= CAMERAS_AT_A_TIME || (first + ids.length === size && ended < size)) {
          clock.turn(SECOND_MS);
          await pause(POLL_MS / 10);
        }
      }
      api.agent.destroy();
      return async () => {
        expectEqual("cameras with a session", started.size, size);
        expectEqual("sessions", sessions, size);
      };
    };
  },

  "files of the lake": async (stack, size) => {
    const { outputs } = stack.journey;
    const s3 = new S3Client({ ...stack.config, forcePathStyle: true });
    const firstHour = Date.UTC(2024, 0, 1) / HOUR_MS;
    const options = {
      cameras: 2,
      fromMs: firstHour * HOUR_MS,
      untilMs: (firstHour + 2 * size) * HOUR_MS,
      seed: 1,
      detectionsPerDay: 400,
      streamPrefix: outputs.CameraPrefix,
      evidenceBucket: outputs.EvidenceBucketName,
    };
    let [files, rows, hour] = [0, 0, firstHour];
    for (; files < size; hour++)
      await writeHours(options, { first: hour, end: hour + 1 }, async (Key, Body) => {
        if (!Key.startsWith("detection_records/")) return;
        files++;
        rows += Number(parquetMetadata(new Uint8Array(Body).buffer).num_rows);
        await s3.send(new PutObjectCommand({ Bucket: outputs.LakeBucketName, Key, Body }));
      });
    s3.destroy();
    const athena = new AthenaClient(stack.config);
    const day = (ms: number) => new Date(ms).toISOString().slice(0, 10);
    const when = `dt BETWEEN '${day(options.fromMs)}' AND '${day(hour * HOUR_MS + DAY_MS)}'`;
    const query = async (sql: string) =>
      await runQuery(
        sql,
        { client: athena, workGroup: outputs.WorkGroupName, database: outputs.DatabaseName },
        { clock: stack.clock },
      );
    return async () => {
      await query(`SELECT label, count(*), avg(confidence) FROM detections WHERE ${when} GROUP BY label`);
      return async () => {
        const answer = await query(`SELECT count(*) FROM detection_records WHERE ${when}`);
        expectEqual("rows that a query reads", Number(answer.rows[0]![0]), rows);
      };
    };
  },
};

function expectEqual(what: string, found: number, expected: number): void {
  if (found !== expected) throw new Error(`${what}: ${found}; expected ${expected}`);
}

/** A notification of its own, of one of a thousand cameras. */
const notification = (index: number): string =>
  SAMPLE.replaceAll("front-door", `camera-${index % 1000}`).replace(
    EVENT_ID,
    `${EVENT_ID.slice(0, -12)}${String(index).padStart(12, "0")}`,
  );

if (import.meta.main) {
  const [name = "", size = ""] = process.argv.slice(2);
  const dataFolder = mkdtempSync(join(tmpdir(), "doorstep-growth-"));
  try {
    await onStack(
      async (stack) => {
        const work = await SERIES[name]!(stack, Number(size), dataFolder);
        const cpuBefore = process.cpuUsage();
        const startedAt = performance.now();
        const check = await work();
        const seconds = (performance.now() - startedAt) / 1000;
        const { user, system } = process.cpuUsage(cpuBefore);
        const point: Point = {
          size: Number(size),
          seconds: rounded(seconds),
          cpuSeconds: rounded((user + system) / 1e6),
          peakMb: peakMb(),
        };
        await check();
        console.log(JSON.stringify(point));
      },
      [],
      { dataFolder },
    );
  } finally {
    rmSync(dataFolder, { recursive: true, force: true });
  }
}
