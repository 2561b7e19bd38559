/**
 * A warm motion start through HTTP against the bare SDK call that it must make anyway, StartStreamProcessor at the
 * same local endpoint. Both take turns in one run, each time on a camera of its own. Then the time that the function's
 * bundle takes to be imported by a fresh process.
 *
 *     node bench/start-session.bench.ts [--json]
 */
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { Agent } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { DeleteItemCommand, DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { RekognitionClient, StartStreamProcessorCommand } from "@aws-sdk/client-rekognition";
import { GetSecretValueCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { unzipSync } from "fflate";
import { artifactFolder, packageService, templateFile } from "../demo/package-service.ts";
import { readTemplate } from "../local/template/template.ts";
import { startStack, type TestStack } from "../test/local/stack.ts";
import { reportMotion, type MotionApi } from "../test/support/motion.ts";

const WARM_UP_ROUNDS = 4;
const ROUNDS = 30;
/** Of each contender in a round: with both of them within the 20 starts a second that Rekognition allows. */
const STARTS_PER_ROUND = 10;
const IMPORTS = 15;
const SECOND_MS = 1000;
const REST_MS = 300;

interface Times {
  readonly http: number[];
  readonly sdk: number[];
}

const at = (numbers: readonly number[], fraction: number) =>
  numbers.toSorted((a, b) => a - b)[Math.min(numbers.length - 1, Math.floor(numbers.length * fraction))]!;
const rounded = (number: number) => Number(number.toFixed(2));

async function timed<T>(act: () => Promise<T>): Promise<{ tookMs: number; result: T }> {
  const startedAt = performance.now();
  const result = await act();
  return { tookMs: performance.now() - startedAt, result };
}

async function measureRounds(stack: TestStack): Promise<Times> {
  const { journey, clock, config } = stack;
  const { SecretString } = await new SecretsManagerClient(config).send(
    new GetSecretValueCommand({ SecretId: journey.outputs.MasterSecretArn }),
  );
  const agent = new Agent({ keepAlive: true });
  const api: MotionApi = {
    url: journey.outputs.MotionApiUrl,
    masterSecret: SecretString!,
    agent,
    nowMs: () => clock.now(),
  };
  const rekognition = new RekognitionClient(config);
  const running = new Running(stack);
  for (let index = 0; index < STARTS_PER_ROUND; index++) await journey.register(`sdk-${index}`);

  const startBare = (cameraId: string) =>
    rekognition.send(
      new StartStreamProcessorCommand({
        Name: journey.outputs.CameraPrefix + cameraId,
        StartSelector: { KVSStreamStartSelector: { ProducerTimestamp: clock.now() } },
        StopSelector: { MaxDurationInSeconds: 10 },
      }),
    );

  const times: Times = { http: [], sdk: [] };
  for (let round = 0; round < WARM_UP_ROUNDS + ROUNDS; round++) {
    const cameraIds = Array.from({ length: STARTS_PER_ROUND }, (_, index) => `http-${round}-${index}`);
    for (const cameraId of cameraIds) await journey.register(cameraId);
    clock.turn(SECOND_MS);
    for (const [index, cameraId] of cameraIds.entries()) {
      const http = await timed(() => reportMotion(api, cameraId, "start"));
      if (http.result.status !== 202)
        throw new Error(`start of ${cameraId}: ${http.result.status} ${http.result.text}`);
      const sdk = await timed(() => startBare(`sdk-${index}`));
      if (round < WARM_UP_ROUNDS) continue;
      times.http.push(http.tookMs);
      times.sdk.push(sdk.tookMs);
    }
    await Promise.all(cameraIds.map((cameraId) => forget(stack, cameraId)));
    await running.end();
  }
  agent.destroy();
  rekognition.destroy();
  return times;
}

/** Takes a camera out of the registry, so that no more sessions of its come between the next measurements. */
async function forget({ config, journey }: TestStack, cameraId: string): Promise<void> {
  const client = new DynamoDBClient(config);
  const TableName = journey.outputs.CamerasTableName;
  await client.send(new DeleteItemCommand({ TableName, Key: { cameraId: { S: cameraId } } }));
  client.destroy();
}

/** The sessions at work. */
class Running {
  readonly #stack: TestStack;
  #count = 0;

  constructor(stack: TestStack) {
    this.#stack = stack;
    stack.local.cloud.events.subscribe(({ service, name }) => {
      if (service !== "rekognition") return;
      if (name === "session-started") this.#count++;
      if (name === "session-completed" || name === "session-failed") this.#count--;
    });
  }

  /** Turns the clock until all have ended, and leaves what that set off a while to come to rest. */
  async end(): Promise<void> {
    do {
      this.#stack.clock.turn(SECOND_MS * 60);
      await new Promise((resolve) => setTimeout(resolve, REST_MS));
    } while (this.#count > 0);
  }
}

/** Milliseconds that fresh processes took to import the bundle, as its sandbox would. */
function importTimes(): number[] {
  const folder = mkdtempSync(join(tmpdir(), "doorstep-bundle-"));
  try {
    const zip = unzipSync(readFileSync(join(artifactFolder, "startSession.zip")));
    const [name, bytes] = Object.entries(zip).find(([path]) => path.endsWith(".mjs"))!;
    const file = join(folder, name.replaceAll("/", "-"));
    writeFileSync(file, bytes);
    const measure = `const startedAt = performance.now();
      await import(${JSON.stringify(pathToFileURL(file).href)});
      console.log(performance.now() - startedAt);`;
    const env = { ...process.env, AWS_REGION: "us-east-1", ...environmentOf("StartSessionLambdaFunction") };
    return Array.from({ length: IMPORTS }, () =>
      Number(execFileSync(process.execPath, ["--input-type=module", "-e", measure], { env })),
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** The names of a function's environment variables; their values don't matter to an import. */
function environmentOf(logicalId: string): Record<string, string> {
  const { Environment } = readTemplate(templateFile).Resources[logicalId]!.Properties as {
    Environment: { Variables: Record<string, unknown> };
  };
  return Object.fromEntries(Object.keys(Environment.Variables).map((name) => [name, "x"]));
}

await packageService();
const imports = importTimes();
const stack = await startStack();
let times: Times;
try {
  times = await measureRounds(stack);
} finally {
  await stack.stop();
}
const { http, sdk } = times;
const figures = (numbers: readonly number[]) => ({
  p50Ms: rounded(at(numbers, 0.5)),
  p99Ms: rounded(at(numbers, 0.99)),
});
const result = {
  node: process.version,
  starts: http.length,
  http: figures(http),
  sdk: figures(sdk),
  overMs: {
    p50: rounded(at(http, 0.5) - at(sdk, 0.5)),
    p99: rounded(at(http, 0.99) - at(sdk, 0.99)),
  },
  importMs: { median: rounded(at(imports, 0.5)), most: rounded(Math.max(...imports)) },
};
if (process.argv.includes("--json")) console.log(JSON.stringify(result));
else {
  console.log(`${result.starts} warm starts each, in turns`);
  console.log(`start-session through HTTP  p50 ${result.http.p50Ms} ms   p99 ${result.http.p99Ms} ms`);
  console.log(`bare StartStreamProcessor   p50 ${result.sdk.p50Ms} ms   p99 ${result.sdk.p99Ms} ms`);
  console.log(`over it                     p50 ${result.overMs.p50} ms   p99 ${result.overMs.p99} ms`);
  console.log(`import of the bundle        ${result.importMs.median} ms (median of ${IMPORTS} processes)`);
}
