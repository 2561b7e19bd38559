/**
 * A warm motion start through HTTP compared with StartStreamProcessor alone, which every start calls, both sent from a
 * process of its own to the same local endpoint. Between them is the floor: the sequential calls that a start needs to lose
 * nothing, with the SDK alone. All three take turns in one run, each on its own camera. Then the time that a new process
 * takes to import the function's bundle.
 *
 *     npm run bench -- start-session
 */
import { execFileSync, fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { DeleteItemCommand, DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { GetSecretValueCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { unzipSync } from "fflate";
import { artifactFolder, ensurePackage, templateFile } from "../demo/package-service.ts";
import { readTemplate } from "../local/template/template.ts";
import type { TestStack } from "../test/local/stack.ts";
import { median, quantile, rounded } from "./figures.ts";
import { onStack } from "./on-stack.ts";
import { figure, report } from "./result.ts";
import type { Round, Setting, Times } from "./start-client.ts";

const WARM_UP_ROUNDS = 10;
const ROUNDS = 60;
/** Of each contender in a round: all three together stay within Rekognition's 20 starts per second. */
const STARTS_PER_ROUND = 6;
const IMPORTS = 15;
const SECOND_MS = 1000;
const REST_MS = 300;
/** Its own work over the calls that it cannot omit. */
const GOAL_OVER_FLOOR_MS = 5;

/** The client, in its own process. */
class Client {
  readonly #process: ChildProcess;
  #isDone = false;

  constructor(setting: Setting) {
    this.#process = fork(new URL("./start-client.ts", import.meta.url), [JSON.stringify(setting)]);
    this.#process.once("exit", (code) => {
      if (!this.#isDone) throw new Error(`the client ended with ${code}; its error is above`);
    });
  }

  async run(round: Round): Promise<Times> {
    const response = once(this.#process, "message");
    this.#process.send(round);
    const [times] = (await response) as [Times];
    return times;
  }

  end(): void {
    this.#isDone = true;
    this.#process.disconnect();
  }
}

async function measureRounds(stack: TestStack): Promise<Times> {
  const { journey, clock, config } = stack;
  const { SecretString } = await new SecretsManagerClient(config).send(
    new GetSecretValueCommand({ SecretId: journey.outputs.MasterSecretArn }),
  );
  const client = new Client({
    config,
    url: journey.outputs.MotionApiUrl,
    masterSecret: SecretString!,
    cameraPrefix: journey.outputs.CameraPrefix,
    tables: { cameras: journey.outputs.CamerasTableName, sessions: journey.outputs.SessionsTableName },
  });
  const running = new Running(stack);
  const names = (prefix: string) =>
    Array.from({ length: STARTS_PER_ROUND }, (_, index) => `${prefix}-${index}`);
  const [bare, chain] = [names("bare"), names("chain")];
  for (const cameraId of [...bare, ...chain]) await journey.register(cameraId);

  const times: Times = {};
  for (let round = 0; round < WARM_UP_ROUNDS + ROUNDS; round++) {
    const http = names(`http-${round}`);
    for (const cameraId of http) await journey.register(cameraId);
    clock.turn(SECOND_MS);
    const taken = await client.run({ clockOffsetMs: clock.offsetMs, http, bare, chain });
    if (round >= WARM_UP_ROUNDS)
      for (const [name, some] of Object.entries(taken)) (times[name] ??= []).push(...some);
    await Promise.all(http.map((cameraId) => forget(stack, cameraId)));
    await running.end();
  }
  client.end();
  return times;
}

/** Removes a camera, so that no later session of it disturbs the next measurements. */
async function forget({ config, journey }: TestStack, cameraId: string): Promise<void> {
  const client = new DynamoDBClient(config);
  const TableName = journey.outputs.CamerasTableName;
  await client.send(new DeleteItemCommand({ TableName, Key: { cameraId: { S: cameraId } } }));
  client.destroy();
}

/** The running sessions. */
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

  /** Turns the clock until all have ended, and waits a moment for the effects of that. */
  async end(): Promise<void> {
    do {
      this.#stack.clock.turn(SECOND_MS * 60);
      await new Promise((resolve) => setTimeout(resolve, REST_MS));
    } while (this.#count > 0);
  }
}

/** Milliseconds that new processes took to import the bundle. */
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

(await ensurePackage()).release();
const imports = importTimes();
const { http = [], bare = [], chain = [], way = [], ...calls } = await onStack(measureRounds);
const [p50, p99] = [median, (numbers: readonly number[]) => quantile(numbers, 0.99)];
const both = (name: string, numbers: readonly number[]) => [
  figure(`${name}, p50`, rounded(p50(numbers)), "ms"),
  figure(`${name}, p99`, rounded(p99(numbers)), "ms"),
];
const over = (name: string, numbers: readonly number[]) => [
  figure(`${name} minus StartStreamProcessor, p50`, rounded(p50(numbers) - p50(bare)), "ms"),
  figure(`${name} minus StartStreamProcessor, p99`, rounded(p99(numbers) - p99(bare)), "ms"),
];
report("start-session", {
  figures: [
    figure("warm starts of each, in turns", http.length, ""),
    ...both("start-session through HTTP", http),
    ...both("StartStreamProcessor alone", bare),
    ...both("floor: the sequential calls, SDK alone", chain),
    ...Object.entries(calls).flatMap(([name, numbers]) => both(`of these: ${name.trim()}`, numbers)),
    ...both("the way to the function and back, for a request that it refuses before any call", way),
    ...over("start-session", http),
    ...over("floor", chain),
    figure("start-session over the floor, p50", rounded(p50(http) - p50(chain)), "ms", {
      atMost: GOAL_OVER_FLOOR_MS,
    }),
    figure("start-session over the floor and the way, p50", rounded(p50(http) - p50(chain) - p50(way)), "ms"),
    figure("import of the bundle, median", rounded(median(imports)), `ms (${IMPORTS} processes)`),
    figure("import of the bundle, most", rounded(Math.max(...imports)), "ms"),
  ],
  rival: {
    name: "the floor: the sequential calls that a start cannot omit, SDK alone",
    ratio: rounded(p50(http) / p50(chain)),
    ratioOf: "the p50 of a start through HTTP / its",
  },
  sameWork: "each start of every contender was accepted, on a camera of its own",
});
