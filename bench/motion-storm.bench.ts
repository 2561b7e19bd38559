/**
 * A thousand cameras report motion within one second, on the local cloud with its quotas: 20 starts a second and 200
 * sessions at a time. Every camera is to end with its session, or with a start that is recorded and tried again; no
 * answer may be an error but 429. Only the registration turns the clock (20 processors a second otherwise); the storm
 * itself runs in real time, on streams without video, whose sessions end by themselves after 25 seconds.
 *
 *     node bench/motion-storm.bench.ts [--cameras=1000] [--json]
 */
import { Agent } from "node:http";
import { DynamoDBClient, paginateScan } from "@aws-sdk/client-dynamodb";
import { GetSecretValueCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { unmarshall } from "@aws-sdk/util-dynamodb";
import { packageService } from "../demo/package-service.ts";
import { startStack, type TestStack } from "../test/local/stack.ts";
import { reportMotion, type MotionApi } from "../test/support/motion.ts";
import { median, quantile, rounded } from "./figures.ts";

const CAMERAS = Number(
  /^--cameras=(\d+)$/.exec(process.argv.find((one) => one.startsWith("--c")) ?? "")?.[1] ?? 1000,
);
/** All of them within one second: so many every tenth of it. */
const BURSTS = 10;
const BURST_APART_MS = 100;
/** Connections of the whole fleet; more requests than these wait in line, in the client. */
const CONNECTIONS = 256;
const REGISTERED_AT_A_TIME = 10;
/** What a camera does after 429: it waits as told, and after so many times it gives up. */
const MOST_RESENDS = 60;
const LONGEST_WAIT_MS = 600_000;

interface Camera {
  readonly id: string;
  readonly statuses: number[];
  /** What an error other than 429 said. */
  error?: string;
  answeredAfterMs?: number;
  startedAfterMs?: number;
}

const seconds = (milliseconds: number) => rounded(milliseconds / 1000, 1);
const pause = (durationMs: number) => new Promise((resolve) => setTimeout(resolve, durationMs));

/** How many of each there are. */
const tally = (values: readonly (string | number)[]): Record<string, number> => {
  const counts: Record<string, number> = {};
  for (const value of values) counts[value] = (counts[value] ?? 0) + 1;
  return counts;
};

async function register(stack: TestStack, ids: readonly string[]): Promise<void> {
  for (let first = 0; first < ids.length; first += REGISTERED_AT_A_TIME) {
    await Promise.all(ids.slice(first, first + REGISTERED_AT_A_TIME).map((id) => stack.journey.register(id)));
    stack.clock.turn(1000);
  }
}

/** Reports motion and, while the answer is 429, reports it again when it may. */
async function report(api: MotionApi, camera: Camera, beganAt: number): Promise<void> {
  const body = JSON.stringify({ at: api.nowMs() });
  for (let tries = 0; tries <= MOST_RESENDS; tries++) {
    const { status, headers, text } = await reportMotion(api, camera.id, "start", body);
    camera.statuses.push(status);
    if (status >= 400 && status !== 429) camera.error = text.slice(0, 200);
    camera.answeredAfterMs ??= performance.now() - beganAt;
    if (status !== 429) return;
    await pause(Number(headers["retry-after"] ?? 1) * 1000);
  }
}

/** The sessions table, by camera. */
async function records({ config, journey }: TestStack): Promise<Map<string, Record<string, unknown>>> {
  const client = new DynamoDBClient(config);
  const byCamera = new Map<string, Record<string, unknown>>();
  for await (const { Items = [] } of paginateScan(
    { client },
    { TableName: journey.outputs.SessionsTableName },
  ))
    for (const item of Items.map((one) => unmarshall(one))) byCamera.set(String(item["cameraId"]), item);
  client.destroy();
  return byCamera;
}

async function storm(stack: TestStack) {
  const { journey, local, clock, config } = stack;
  const cameras: Camera[] = Array.from({ length: CAMERAS }, (_, index) => ({
    id: `camera-${index}`,
    statuses: [],
  }));
  const registeringAt = performance.now();
  await register(
    stack,
    cameras.map(({ id }) => id),
  );
  const registeredMs = performance.now() - registeringAt;

  const { SecretString } = await new SecretsManagerClient(config).send(
    new GetSecretValueCommand({ SecretId: journey.outputs.MasterSecretArn }),
  );
  const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS });
  const api: MotionApi = {
    url: journey.outputs.MotionApiUrl,
    masterSecret: SecretString!,
    agent,
    nowMs: () => clock.now(),
  };

  const byProcessor = new Map(cameras.map((camera) => [journey.outputs.CameraPrefix + camera.id, camera]));
  const beganAt = performance.now();
  let sessions = 0;
  const stopFollowing = local.cloud.events.subscribe(({ service, name, detail }) => {
    if (service !== "rekognition" || name !== "session-started") return;
    sessions++;
    const camera = byProcessor.get(String(detail["processor"]));
    if (camera) camera.startedAfterMs ??= performance.now() - beganAt;
  });

  const reports: Promise<void>[] = [];
  for (let burst = 0; burst < BURSTS; burst++) {
    const members = cameras.filter((_camera, index) => index % BURSTS === burst);
    reports.push(...members.map((camera) => report(api, camera, beganAt)));
    await pause(BURST_APART_MS);
  }
  await Promise.all(reports);
  const answeredMs = performance.now() - beganAt;
  await Promise.all(cameras.map(({ id }) => reportMotion(api, id, "stop")));

  const unstarted = () => cameras.filter(({ startedAfterMs }) => startedAfterMs === undefined);
  while (unstarted().length > 0 && performance.now() - beganAt < LONGEST_WAIT_MS) {
    await pause(1000);
    const waiting = await records(stack);
    // A start that was given up is recorded with its reason; nothing more comes of it.
    if (unstarted().every(({ id }) => waiting.get(id)?.["wakeAtMs"] === undefined)) break;
  }
  stopFollowing();
  agent.destroy();

  const kept = await records(stack);
  const statuses = cameras.flatMap((camera) => camera.statuses);
  const started = cameras.flatMap(({ startedAfterMs = [] }) => startedAfterMs);
  const without = unstarted().map(({ id }) => kept.get(id));
  const waiting = without.filter((record) => record?.["wakeAtMs"] !== undefined);
  const givenUp = without.filter((record) => record && !waiting.includes(record) && record["failure"]);
  return {
    node: process.version,
    cameras: CAMERAS,
    registeredSeconds: seconds(registeredMs),
    answers: tally(statuses),
    answered: {
      p50Seconds: seconds(median(cameras.map(({ answeredAfterMs }) => answeredAfterMs!))),
      lastSeconds: seconds(answeredMs),
    },
    started: {
      cameras: started.length,
      sessions,
      p50Seconds: seconds(median(started)),
      p99Seconds: seconds(quantile(started, 0.99)),
      lastSeconds: seconds(quantile(started, 1)),
    },
    waitingForNextTry: waiting.length,
    givenUpWithReason: givenUp.length,
    lost: without.length - waiting.length - givenUp.length,
    otherErrors: statuses.filter((status) => status >= 400 && status !== 429).length,
    errors: tally(cameras.flatMap(({ error }) => error ?? [])),
    states: tally([...kept.values()].map(({ state }) => String(state))),
    reasons: tally(
      [...kept.values()].flatMap(({ failure }) => (typeof failure === "string" ? failure.slice(0, 80) : [])),
    ),
  };
}

await packageService();
const stack = await startStack();
let result: Awaited<ReturnType<typeof storm>>;
try {
  result = await storm(stack);
} finally {
  await stack.stop();
}
if (process.argv.includes("--json")) console.log(JSON.stringify(result));
else {
  const { answers, answered, started, states, reasons } = result;
  console.log(`${result.cameras} cameras, registered in ${result.registeredSeconds} s`);
  console.log(`answers       ${JSON.stringify(answers)}`);
  console.log(`answered      half within ${answered.p50Seconds} s, all within ${answered.lastSeconds} s`);
  console.log(
    `sessions      ${started.cameras} cameras have theirs: half within ${started.p50Seconds} s, 99 % within ${started.p99Seconds} s, all within ${started.lastSeconds} s; ${started.sessions} sessions in all`,
  );
  console.log(
    `without one   ${result.waitingForNextTry} recorded and tried again, ${result.givenUpWithReason} given up with the reason recorded, ${result.lost} lost`,
  );
  console.log(`other errors  ${result.otherErrors} ${JSON.stringify(result.errors)}`);
  console.log(`records       ${JSON.stringify(states)} ${JSON.stringify(reasons)}`);
}
const failures = [
  ...(result.started.cameras + result.waitingForNextTry < result.cameras
    ? ["a camera has neither its session nor a recorded start that is tried again"]
    : []),
  ...(result.otherErrors > 0 ? ["an answer was an error other than 429"] : []),
];
console.error(
  failures.length === 0 ? "holds: every camera has its session or is tried again" : failures.join("\n"),
);
process.exitCode = failures.length;
