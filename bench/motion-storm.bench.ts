/**
 * A thousand cameras request a motion start within one second, on the local cloud with its quotas: 20 starts per second
 * and 200 concurrent sessions. Every camera must get its session, or a recorded start that is retried; the only error
 * response allowed is 429. The registration turns the clock, since it may create only 20 processors per second; the storm
 * itself runs in real time, on streams without video, whose sessions end after 25 seconds.
 *
 *     npm run bench -- motion-storm [-- --cameras=1000]
 */
import { Agent } from "node:http";
import { DynamoDBClient, paginateScan } from "@aws-sdk/client-dynamodb";
import { GetSecretValueCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { unmarshall } from "@aws-sdk/util-dynamodb";
import type { TestStack } from "../test/local/stack.ts";
import { reportMotion, type MotionApi } from "../test/support/motion.ts";
import { median, quantile, rounded } from "./figures.ts";
import { numberFlag } from "./flags.ts";
import { onStack } from "./on-stack.ts";
import { figure, report } from "./result.ts";

const CAMERAS = numberFlag("cameras", 1000);
/** Documented: Amazon Rekognition endpoints and quotas. */
const STARTS_PER_SECOND = 20;
/** Within one second: a burst every tenth of it. */
const BURSTS = 10;
const BURST_APART_MS = 100;
/** Connections of the whole fleet; further requests queue in the client. */
const CONNECTIONS = 256;
const REGISTERED_AT_A_TIME = 10;
/** After 429, a camera waits for Retry-After and sends again, up to this many times. */
const MAX_RESENDS = 60;
const LONGEST_WAIT_MS = 600_000;

interface Camera {
  readonly id: string;
  readonly statuses: number[];
  /** Body of an error response other than 429. */
  error?: string;
  respondedAfterMs?: number;
  startedAfterMs?: number;
}

const seconds = (milliseconds: number) => rounded(milliseconds / 1000, 1);
const pause = (durationMs: number) => new Promise((resolve) => setTimeout(resolve, durationMs));

/** Counts each distinct value. */
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

/** Requests a motion start, again after Retry-After while the response is 429. */
async function requestStart(api: MotionApi, camera: Camera, beganAt: number): Promise<void> {
  const body = JSON.stringify({ at: api.nowMs() });
  for (let resends = 0; resends <= MAX_RESENDS; resends++) {
    const { status, headers, text } = await reportMotion(api, camera.id, "start", body);
    camera.statuses.push(status);
    if (status >= 400 && status !== 429) camera.error = text.slice(0, 200);
    camera.respondedAfterMs ??= performance.now() - beganAt;
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

  const requests: Promise<void>[] = [];
  for (let burst = 0; burst < BURSTS; burst++) {
    const members = cameras.filter((_camera, index) => index % BURSTS === burst);
    requests.push(...members.map((camera) => requestStart(api, camera, beganAt)));
    await pause(BURST_APART_MS);
  }
  await Promise.all(requests);
  const respondedMs = performance.now() - beganAt;
  await Promise.all(cameras.map(({ id }) => reportMotion(api, id, "stop")));

  const unstarted = () => cameras.filter(({ startedAfterMs }) => startedAfterMs === undefined);
  while (unstarted().length > 0 && performance.now() - beganAt < LONGEST_WAIT_MS) {
    await pause(1000);
    const waiting = await records(stack);
    // An abandoned start is recorded with its reason and not retried.
    if (unstarted().every(({ id }) => waiting.get(id)?.["wakeAtMs"] === undefined)) break;
  }
  stopFollowing();
  agent.destroy();

  const kept = await records(stack);
  const statuses = cameras.flatMap((camera) => camera.statuses);
  const started = cameras.flatMap(({ startedAfterMs = [] }) => startedAfterMs);
  const without = unstarted().map(({ id }) => kept.get(id));
  const waiting = without.filter((record) => record?.["wakeAtMs"] !== undefined);
  const abandoned = without.filter((record) => record && !waiting.includes(record) && record["failure"]);
  return {
    cameras: CAMERAS,
    registeredSeconds: seconds(registeredMs),
    responses: tally(statuses),
    responded: {
      p50Seconds: seconds(median(cameras.map(({ respondedAfterMs }) => respondedAfterMs!))),
      lastSeconds: seconds(respondedMs),
    },
    started: {
      cameras: started.length,
      sessions,
      p50Seconds: seconds(median(started)),
      p99Seconds: seconds(quantile(started, 0.99)),
      lastSeconds: seconds(quantile(started, 1)),
    },
    waitingForRetry: waiting.length,
    abandonedWithReason: abandoned.length,
    lost: without.length - waiting.length - abandoned.length,
    otherErrors: statuses.filter((status) => status >= 400 && status !== 429).length,
    errors: tally(cameras.flatMap(({ error }) => error ?? [])),
    states: tally([...kept.values()].map(({ state }) => String(state))),
    reasons: tally(
      [...kept.values()].flatMap(({ failure }) => (typeof failure === "string" ? failure.slice(0, 80) : [])),
    ),
  };
}

const result = await onStack(storm);
const { responses, responded, started, errors, states, reasons } = result;
const floorSeconds = CAMERAS / STARTS_PER_SECOND;
const tallied = (what: string, counts: Record<string, number>) =>
  Object.entries(counts).map(([name, count]) => figure(`${what} ${name}`, count, ""));
report("motion-storm", {
  figures: [
    figure("cameras", CAMERAS, ""),
    figure("registered in", result.registeredSeconds, "s"),
    ...tallied("responses", responses),
    figure("half had their response within", responded.p50Seconds, "s"),
    figure("all had their response within", responded.lastSeconds, "s"),
    figure("cameras with a session", started.cameras, ""),
    figure("half had a session within", started.p50Seconds, "s"),
    figure("99 % had a session within", started.p99Seconds, "s"),
    figure("all had a session within", started.lastSeconds, "s"),
    figure(`the floor: ${STARTS_PER_SECOND} starts a second`, floorSeconds, "s"),
    figure("sessions in all", started.sessions, ""),
    figure("waiting for a retry", result.waitingForRetry, "cameras"),
    figure("abandoned, the reason recorded", result.abandonedWithReason, "cameras"),
    figure("lost", result.lost, "cameras", { atMost: 0 }),
    figure("errors other than 429", result.otherErrors, ""),
    ...tallied("error", errors),
    ...tallied("records", states),
    ...tallied("reason", reasons),
  ],
  rival: {
    name: `the account's rate of ${STARTS_PER_SECOND} starts a second`,
    ratio: rounded(started.lastSeconds / floorSeconds),
    ratioOf: "the time until all had a session / that floor",
  },
  sameWork: "every camera has its session or a recorded start that is retried; the only error is 429",
  failures: [
    ...(started.cameras + result.waitingForRetry < CAMERAS
      ? ["a camera has neither a session nor a recorded start that is retried"]
      : []),
    ...(result.otherErrors > 0 ? ["a response was an error other than 429"] : []),
  ],
});
