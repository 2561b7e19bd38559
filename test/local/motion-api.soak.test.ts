import { once } from "node:events";
import { Agent } from "node:http";
import { connect } from "node:net";
import { DynamoDBClient, paginateScan } from "@aws-sdk/client-dynamodb";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import fc from "fast-check";
import { deriveToken } from "../../core/motion/credential.ts";
import { deriveKey, formatSecret } from "../../core/webhook.ts";
import { send } from "../support/http.ts";
import { MARKER, refusedRequests, type Refused } from "../support/motion-fuzz.ts";
import { reportMotion, signedHeaders, type MotionApi } from "../support/motion.ts";
import { soakSize } from "../support/soak.ts";
import { masterSecretOf, startStack, type TestStack } from "./stack.ts";

/** Run again with FUZZ_SEED=<seed> to send the same requests. */
const SEED = Number(process.env["FUZZ_SEED"] ?? Math.floor(Math.random() * 2 ** 31));
const REQUESTS = soakSize(10_000, 200);
const REPLAYS = soakSize(200, 40);
const GARBAGE = soakSize(200, 50);
const CAMERAS = 20;
const AT_A_TIME = 24;

let stack: TestStack;
let api: MotionApi;
const cameraIds = Array.from({ length: CAMERAS }, (_, index) => `porch-${index}`);
const logLines: string[] = [];
const answers: string[] = [];
const faults: unknown[] = [];
const begun: unknown[] = [];

beforeAll(async () => {
  stack = await startStack();
  const { outputs } = stack.journey;
  api = {
    url: outputs.MotionApiUrl,
    masterSecret: await masterSecretOf(stack),
    agent: new Agent({ keepAlive: true, maxSockets: AT_A_TIME }),
    nowMs: () => stack.clock.now(),
  };
  for (const id of cameraIds) await stack.journey.register(id);
  stack.local.cloud.events.subscribe(({ service, name, detail }) => {
    if (service === "lambda" && name === "log") logLines.push(String(detail["line"]));
    if (name === "fault") faults.push(detail);
    if (name === "session-started") begun.push(detail);
  });
});
afterAll(async () => {
  api.agent.destroy();
  await stack.stop();
});

/** Calls `act` for each, so many at a time. */
async function eachOf<T>(items: readonly T[], act: (item: T) => Promise<void>): Promise<void> {
  const left = items.values();
  const work = async () => {
    for (const item of left) await act(item);
  };
  await Promise.all(Array.from({ length: AT_A_TIME }, work));
}

test(`${REQUESTS} fuzzed requests are each refused as documented (FUZZ_SEED=${SEED})`, async () => {
  const fleet = { cameraIds, masterSecret: api.masterSecret, nowMs: stack.clock.now() };
  const requests: Refused[] = fc.sample(refusedRequests(fleet), { seed: SEED, numRuns: REQUESTS });
  const wrong: unknown[] = [];
  await eachOf(requests, async (request) => {
    const answer = await send(api.url + request.path, request, api.agent);
    answers.push(answer.text);
    const isProblem = answer.headers["content-type"] === "application/problem+json";
    const isGateways = [400, 404, 431].includes(answer.status) || request.method === "HEAD";
    if (!request.expected.includes(answer.status) || (!isProblem && !isGateways))
      wrong.push({ ...request, body: String(request.body).slice(0, 200), answer });
  });
  expect(wrong.slice(0, 3)).toEqual([]);
});

test(`${REPLAYS} replays of webhooks that were taken are refused`, async () => {
  const taken = cameraIds.map((cameraId) => ({ cameraId, headers: signedHeaders(api, cameraId, "{}") }));
  const stop = async ({ cameraId, headers }: (typeof taken)[number]) => {
    const url = `${api.url}/cameras/${cameraId}/motion/stop`;
    return (await send(url, { method: "POST", headers, body: "{}" }, api.agent)).status;
  };
  // The fuzzed reports have used up what a camera may send at once.
  stack.clock.turn(60_000);
  for (const webhook of taken) webhook.headers = signedHeaders(api, webhook.cameraId, "{}");
  expect(await Promise.all(taken.map(stop))).toEqual(taken.map(() => 200));
  const statuses: number[] = [];
  await eachOf(
    Array.from({ length: REPLAYS }, (_, index) => taken[index % taken.length]!),
    async (webhook) => void statuses.push(await stop(webhook)),
  );
  expect(statuses).toEqual(Array.from({ length: REPLAYS }, () => 401));
});

test(`${GARBAGE} connections that send bytes which are no HTTP end without harm (FUZZ_SEED=${SEED})`, async () => {
  const garbage = fc.sample(fc.uint8Array({ minLength: 1, maxLength: 2000 }), {
    seed: SEED,
    numRuns: GARBAGE,
  });
  const { hostname, port } = new URL(api.url);
  const answered: string[] = [];
  await eachOf(garbage, async (bytes) => {
    const socket = connect(Number(port), hostname);
    let text = "";
    socket.on("data", (chunk) => (text += chunk.toString("latin1")));
    socket.on("error", () => undefined);
    socket.end(bytes);
    await once(socket, "close");
    answered.push(text.split("\r\n")[0]!);
  });
  expect(answered.filter((line) => line !== "" && !line.startsWith("HTTP/1.1 4"))).toEqual([]);
});

test("after all that no session was started and no fault was reported", async () => {
  expect(begun).toEqual([]);
  expect(faults).toEqual([]);
  const states: unknown[] = [];
  const client = new DynamoDBClient(stack.config);
  const TableName = stack.journey.outputs.SessionsTableName;
  for await (const { Items = [] } of paginateScan({ client }, { TableName }))
    states.push(...Items.map(({ state }) => state?.S));
  expect(states.filter((state) => state === "starting" || state === "running")).toEqual([]);
});

test("no secret, key, token, signature or part of one is in a log or a response", () => {
  const said = [...logLines, ...answers].join("\n");
  expect(logLines.length).toBeGreaterThan(0);
  const secrets = cameraIds.flatMap((id) => [
    formatSecret(deriveKey(api.masterSecret, id, 1)).slice("whsec_".length),
    deriveToken(api.masterSecret, id, 1),
  ]);
  const leaked = [api.masterSecret, MARKER, "v1,", "whsec_", ...secrets].filter((one) => said.includes(one));
  expect(leaked).toEqual([]);
});

test("the cameras work as before", async () => {
  const { status } = await reportMotion(api, cameraIds[0]!, "start");
  expect(status).toBe(202);
});
