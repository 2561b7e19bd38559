// The client of `start-session.bench.ts`, in a process of its own: receives which cameras to start, returns the times.
import { Agent } from "node:http";
import { DynamoDBClient, GetItemCommand, PutItemCommand } from "@aws-sdk/client-dynamodb";
import { RekognitionClient, StartStreamProcessorCommand } from "@aws-sdk/client-rekognition";
import type { ClientConfig } from "../operator/client-config.ts";
import { send } from "../test/support/http.ts";
import { reportMotion } from "../test/support/motion.ts";

/** The client's argument, as JSON. */
export interface Setting {
  readonly config: ClientConfig;
  readonly url: string;
  readonly masterSecret: string;
  readonly cameraPrefix: string;
  readonly tables: {
    readonly cameras: string;
    readonly sessions: string;
  };
}

/** One round: a camera for each start, by contender. */
export interface Round {
  readonly clockOffsetMs: number;
  readonly http: readonly string[];
  readonly bare: readonly string[];
  readonly chain: readonly string[];
}

/** Milliseconds, by the name of the call. */
export type Times = Record<string, number[]>;

/** Pause between two calls, so that the effects of one end before the next is measured. */
const REST_MS = 15;

const setting = JSON.parse(process.argv[2]!) as Setting;
const { config, url, masterSecret, cameraPrefix, tables } = setting;
const dynamodb = new DynamoDBClient(config);
const rekognition = new RekognitionClient(config);
const agent = new Agent({ keepAlive: true });
let clockOffsetMs = 0;
let calls = 0;
const api = { url, masterSecret, agent, nowMs: () => Date.now() + clockOffsetMs };

let times: Times = {};
async function timed<T>(name: string, act: () => Promise<T>): Promise<T> {
  const startedAt = performance.now();
  const result = await act();
  (times[name] ??= []).push(performance.now() - startedAt);
  return result;
}

const startBare = (cameraId: string) =>
  rekognition.send(
    new StartStreamProcessorCommand({
      Name: cameraPrefix + cameraId,
      StartSelector: { KVSStreamStartSelector: { ProducerTimestamp: api.nowMs() } },
      StopSelector: { MaxDurationInSeconds: 10 },
    }),
  );

/** The sequential calls that a start cannot omit, with the SDK alone. */
async function startChained(cameraId: string): Promise<void> {
  const id = { S: `${cameraId}-${calls++}` };
  const version = (N: string) => ({ cameraId: id, version: { N }, videoStartMs: { N: String(api.nowMs()) } });
  await timed("  GetItem of the camera, GetItem of the session", () =>
    Promise.all([
      dynamodb.send(new GetItemCommand({ TableName: tables.cameras, Key: { cameraId: { S: cameraId } } })),
      dynamodb.send(
        new GetItemCommand({ TableName: tables.sessions, Key: { cameraId: id }, ConsistentRead: true }),
      ),
    ]),
  );
  await timed("  PutItem, session start requested", () =>
    dynamodb.send(
      new PutItemCommand({
        TableName: tables.sessions,
        Item: version("1"),
        ConditionExpression: "attribute_not_exists(cameraId)",
      }),
    ),
  );
  await timed("  StartStreamProcessor", () => startBare(cameraId));
  await timed("  PutItem, session started", () =>
    dynamodb.send(
      new PutItemCommand({
        TableName: tables.sessions,
        Item: version("2"),
        ConditionExpression: "version = :before",
        ExpressionAttributeValues: { ":before": { N: "1" } },
      }),
    ),
  );
}

const rest = () => new Promise((resolve) => setTimeout(resolve, REST_MS));

process.on("message", (round: Round) => {
  void (async () => {
    times = {};
    ({ clockOffsetMs } = round);
    for (const [index, cameraId] of round.http.entries()) {
      const { status, text } = await timed("http", () => reportMotion(api, cameraId, "start"));
      if (status !== 202) throw new Error(`start of ${cameraId}: ${status} ${text}`);
      await rest();
      await timed("bare", () => startBare(round.bare[index]!));
      await rest();
      await timed("chain", () => startChained(round.chain[index]!));
      await rest();
      // Not a camera id: refused before any call.
      await timed("way", () => send(`${url}/cameras/-/motion/start`, { method: "POST" }, agent));
      await rest();
    }
    process.send!(times);
  })();
});
process.on("disconnect", () => process.exit());
