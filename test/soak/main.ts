// Nothing lost: the local cloud is killed at random moments while notifications are published and motion is reported, single
// failure paths are broken and repaired, and in the end every acknowledged event is counted. `npm run soak -- --help`.
import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { MINUTE_MS, SECOND_MS } from "../../base/durations.ts";
import { errorMessage } from "../../base/errors.ts";
import { randomSequence } from "../../base/random.ts";
import { deriveToken } from "../../core/motion/credential.ts";
import { Journey } from "../../demo/journey.ts";
import { ensurePackage } from "../../demo/package-service.ts";
import { Fleet } from "../../operator/fleet.ts";
import { useCloud } from "../cli/cloud.ts";
import { redrive } from "../local/failures/redrive.ts";
import { balanceOf, countLake } from "./count.ts";
import { KillableCloud } from "./killable-cloud.ts";
import { ledgerFaults, MotionReporter } from "./motion-reports.ts";
import { Publishers } from "./publishers.ts";
import { deliveryOrder, soakEvents } from "./soak-events.ts";
import { stepsOf } from "./steps.ts";
import { messagesReceived, waitsFor } from "./waiting.ts";

const HELP = `Kills the local cloud at random moments while it is used, and counts what is left.

Usage: npm run soak -- [--events 20000] [--kills 10] [--faults 6] [--cameras 6] [--seed <number>] [--skip-alerts]
                       [--json] [--keep]

  --events       notifications to publish: detections, ends of sessions, and some that nothing can read; 3 % are
                 repeated, all are reordered
  --kills        how often the process is killed (SIGKILL) and started again on its data folder
  --faults       how often a failure path is broken for a while; redrive puts back what it left
  --cameras      cameras that report motion, half of each engine
  --seed         repeats the events, their order, and where kills and faults fall among them; by default random
  --skip-alerts  does not wait until alerts are decided for every detection, which takes an hour for a million
  --json         prints the result as JSON
  --keep         keeps the data folder, and prints its path

Publishers and cameras go on through kills, and send again what was not acknowledged. In the end DuckDB counts the Parquet
files and the quarantine: every acknowledged event is in one of them, alerts are decided for every detection, the views show
each once, and the coverage ledger has every millisecond of reported motion once. Exit code 1 if anything is lost or doubled.`;

const STACK = "doorstep-dev";
/** What follows an event's id where its alerts' decision is counted. */
const DECISION = " decided";
/** How often the views show each. */
const SHOWN = [
  "SELECT event_id, count(*) FROM detections GROUP BY event_id",
  "SELECT session_id, count(*) FROM sessions GROUP BY session_id",
  `SELECT event_id || '${DECISION}', count(*) FROM alert_decisions GROUP BY event_id`,
];
const PUBLISHERS = 4;
/** While everything settles, the cloud's clock is turned, a second for as long as a call takes: no function times out by it. */
const TURNS = 60;
const SHORTEST_TURN_MS = 40;
/** The cameras send no video: so long it is waited for before the motion counts as not analysed. */
const START_TIMEOUT_SECONDS = 60;
/** Alerts are decided for some hundred detections a second, so many events are waited for longer. */
const SETTLED_WITHIN = { leastMs: 20 * MINUTE_MS, msPerEvent: 4 };

const { values } = parseArgs({
  options: {
    events: { type: "string", default: "20000" },
    kills: { type: "string", default: "10" },
    faults: { type: "string", default: "6" },
    cameras: { type: "string", default: "6" },
    seed: { type: "string", default: String(Math.floor(Math.random() * 2 ** 31)) },
    "skip-alerts": { type: "boolean", default: false },
    json: { type: "boolean", default: false },
    keep: { type: "boolean", default: false },
    help: { type: "boolean", default: false },
  },
});
if (values.help) console.log(HELP);
else await soak().catch(fail);

function fail(error: unknown): void {
  console.error(`the soak with the seed ${values.seed} failed: ${errorMessage(error)}`);
  process.exitCode = 1;
}

function count(name: "events" | "kills" | "faults" | "cameras" | "seed"): number {
  const text = values[name];
  if (!/^\d{1,10}$/.test(text)) throw new Error(`--${name} is ${text}; expected a whole number`);
  return Number(text);
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => void server.once("listening", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => void server.close(resolve));
  return port;
}

async function soak(): Promise<void> {
  const sizes = { events: count("events"), kills: count("kills"), faults: count("faults") };
  const random = randomSequence(count("seed"));
  const progress = (text: string): void => {
    if (!values.json)
      console.log(`${((performance.now() - startedAtMs) / 1000).toFixed(0).padStart(4)} s  ${text}`);
  };
  const startedAtMs = performance.now();
  (await ensurePackage()).release();
  const dataFolder = mkdtempSync(join(tmpdir(), "doorstep-soak-"));
  const events: string[] = [];
  const cloud = new KillableCloud(
    { dataFolder, awsPort: await freePort(), httpPort: await freePort(), stackName: STACK },
    ({ service, name, detail }) => void events.push(`${service} ${name} ${JSON.stringify(detail)}`),
  );
  progress(`seed ${values.seed}, data in ${dataFolder}`);
  await cloud.start();
  const restore = useCloud(cloud.endpoint);
  try {
    const result = await run(cloud, { ...sizes, dataFolder, random, progress });
    const set = { seed: Number(values.seed), ...result, faultEvents: events.length };
    if (values.json) console.log(JSON.stringify(set, undefined, 2));
    else {
      for (const [name, value] of Object.entries(set)) console.log(`${name.padEnd(24)}${show(value)}`);
      for (const event of events.slice(0, 10)) console.log(`reported: ${event.slice(0, 500)}`);
    }
    const isRight =
      [result.lost, awaited(result.undecided), result.doubled, result.unknown, result.misplaced].every(
        (ids) => ids.length === 0,
      ) && result.motionMissingMs + result.motionDoubledMs + result.refusals.length === 0;
    if (!isRight) throw new Error(`events, decisions or motion are lost, doubled or misplaced; see above`);
  } finally {
    restore();
    await cloud.kill();
    if (values.keep) console.log(`kept ${dataFolder}`);
    else rmSync(dataFolder, { recursive: true, maxRetries: 5 });
  }
}

/** The decisions of alerts that the run waits for. */
function awaited(undecided: readonly string[]): readonly string[] {
  return values["skip-alerts"] ? [] : undecided;
}

function show(value: unknown): string {
  if (!Array.isArray(value)) return JSON.stringify(value);
  return value.length === 0 ? "0" : `${value.length}: ${value.slice(0, 10).join(", ")}`;
}

interface Soak {
  readonly events: number;
  readonly kills: number;
  readonly faults: number;
  readonly dataFolder: string;
  readonly random: () => number;
  readonly progress: (text: string) => void;
}

async function run(cloud: KillableCloud, { random, progress, ...soakOf }: Soak) {
  const config = {
    region: "us-east-1",
    endpoint: cloud.endpoint,
    credentials: { accessKeyId: "local", secretAccessKey: "local" },
  };
  const nowMs = (): number => Date.now() + cloud.offsetMs;
  const fleet = await Fleet.open(STACK, config);
  const { MotionApiUrl, DetectionsTopicArn } = fleet.outputs;
  const masterSecret = await fleet.masterSecret();
  const reporters: MotionReporter[] = [];
  for (let index = 0; index < count("cameras"); index++) {
    const cameraId = `soak-${index}`;
    const engine = index % 2 === 0 ? "stream-processor" : "frames";
    await fleet.add({ cameraId, engine, startTimeoutSeconds: START_TIMEOUT_SECONDS });
    const token = deriveToken(masterSecret, cameraId, 1);
    reporters.push(new MotionReporter(cameraId, MotionApiUrl, token, randomSequence(index)));
  }

  const all = soakEvents(soakOf.events, random, nowMs());
  const order = deliveryOrder(all, random);
  const steps = stepsOf(soakOf, random);
  const publishers = new Publishers(DetectionsTopicArn, config);
  const publishedFromMs = performance.now();
  let isPublished = false;
  const publishing = publishers.publish(order, PUBLISHERS).finally(() => (isPublished = true));
  const motion = new AbortController();
  const reporting = Promise.all(reporters.map((reporter) => reporter.run(motion.signal, nowMs)));
  for (const step of steps) {
    while (!isPublished && publishers.acknowledged.size < step.at * all.length) await sleep(10);
    await sleep(step.delayMs);
    if (step.refused) {
      progress(step.refused.length > 0 ? `broken: ${step.refused[0]}` : "repaired");
      await cloud.refuse(step.refused);
    } else {
      await cloud.kill();
      await cloud.start();
      progress(`killed and started again at ${publishers.acknowledged.size} of ${all.length} events`);
    }
  }
  await publishing;
  const publishedMs = performance.now() - publishedFromMs;
  progress(`all events are acknowledged; waiting until they have arrived`);
  motion.abort();
  await reporting;

  const journey = await Journey.begin(STACK, config);
  const deadlineMs = performance.now() + SETTLED_WITHIN.leastMs + soakOf.events * SETTLED_WITHIN.msPerEvent;
  let redriven = 0;
  let lake = await countLake(soakOf.dataFolder);
  for (;;) {
    for (let turned = 0; turned < TURNS; turned++) {
      const calledAtMs = performance.now();
      await reporters[turned % reporters.length]?.sessionState();
      await sleep(Math.max(0, SHORTEST_TURN_MS - (performance.now() - calledAtMs)));
      await cloud.turn(SECOND_MS);
    }
    const paths = await redrive();
    redriven += paths.paths.reduce((sum, one) => sum + one.redriven, 0);
    // The decisions of alerts take longer than all else; a count of a million events takes seconds, too.
    if (!values["skip-alerts"]) await messagesReceived(config, MINUTE_MS);
    await flush(cloud.endpoint);
    lake = await countLake(soakOf.dataFolder);
    const { lost, misplaced, undecided } = balanceOf(lake, all, publishers.acknowledged);
    const missing = reporters
      .map(({ cameraId, reported }) => ({ cameraId, ...ledgerOf(cameraId, reported) }))
      .filter((one) => one.missingMs > 0);
    if (lost.length + misplaced.length + awaited(undecided).length + missing.length === 0) break;
    progress(
      `${lost.length} events, ${undecided.length} decisions of alerts and motion of ${missing.length} cameras have not arrived yet, ${misplaced.length} events are to be redriven`,
    );
    for (const line of await waitsFor(fleet, config, missing)) progress(`  ${line}`);
    if (performance.now() > deadlineMs) break;
  }
  function ledgerOf(cameraId: string, reported: MotionReporter["reported"]) {
    return ledgerFaults(
      reported,
      lake.ledger.filter((entry) => entry.cameraId === cameraId),
    );
  }

  progress("counting");
  const settledRssBytes = cloud.rssBytes.slice();
  const shown = new Map<string | null, number>();
  // Each may have as many rows as a result.
  for (const sql of SHOWN)
    for (const [id = null, copies] of (await journey.query(sql)).rows) shown.set(id, Number(copies));
  const readable = [...publishers.acknowledged].filter(({ kind }) => kind !== "unreadable");
  const isDecided = (id: string): boolean => !values["skip-alerts"] || lake.decided.has(id);
  const doubled = readable
    .flatMap(({ id, kind }) => (kind === "detection" && isDecided(id) ? [id, id + DECISION] : [id]))
    .filter((id) => shown.get(id) !== 1)
    .map((id) => `${id} x ${shown.get(id) ?? 0}`);
  const ledgers = reporters.map(({ cameraId, reported }) => ledgerOf(cameraId, reported));
  const sum = (numbers: readonly number[]): number => numbers.reduce((total, one) => total + one, 0);
  const megabytes = (bytes: number): number => Math.round(bytes / 1e6);
  const residentAt = (share: number): number =>
    megabytes(
      settledRssBytes[Math.min(settledRssBytes.length - 1, Math.floor(share * settledRssBytes.length))]!,
    );
  return {
    events: all.length,
    acknowledged: publishers.acknowledged.size,
    publishedPerSecond: Math.round(order.length / (publishedMs / 1000)),
    kills: cloud.kills,
    faults: soakOf.faults,
    redriven,
    copies: lake.rows,
    quarantined: lake.quarantined.size,
    ...balanceOf(lake, all, publishers.acknowledged),
    doubled,
    motionReportedMs: sum(
      reporters.flatMap(({ reported }) => reported.map((one) => one.untilMs - one.fromMs)),
    ),
    motions: sum(reporters.map(({ reported }) => reported.length)),
    motionMissingMs: sum(ledgers.map((one) => one.missingMs)),
    motionDoubledMs: sum(ledgers.map((one) => one.doubledMs)),
    refusals: reporters.flatMap(({ refusals }) => refusals),
    residentMegabytes: {
      quarter: residentAt(0.25),
      half: residentAt(0.5),
      threeQuarters: residentAt(0.75),
      end: residentAt(1),
      max: megabytes(Math.max(...settledRssBytes)),
      whileCounting: megabytes(Math.max(...cloud.rssBytes.slice(settledRssBytes.length - 1))),
    },
  };
}

async function flush(endpoint: string): Promise<void> {
  const response = await fetch(`${endpoint}/_doorstep/firehose/flush`, { method: "POST" });
  if (!response.ok) throw new Error(`the flush failed: ${response.status} ${await response.text()}`);
}
