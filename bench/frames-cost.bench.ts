/**
 * What a motion costs with the engine `frames`, beside a fixed sampler of one image a second and beside a stream
 * processor: calls of DetectLabels and US dollars, list prices. The engine's real steps run over parts in memory, on a clock
 * that is turned. Goals, of Rekognition's price alone: at most 2.5 times the stream processor's for a motion of 20 s, at
 * most once for one of 60 s.
 *
 *     node bench/frames-cost.bench.ts [--json]
 */
import { analysisCostUsd, motionAnalysis } from "../analysis/cost.ts";
import { listPrices, usdOf } from "../analysis/prices.ts";
import { sleep } from "../base/clock.ts";
import { SECOND_MS } from "../base/durations.ts";
import type { Camera } from "../schemas/camera.ts";
import type { PriceName } from "../schemas/prices.ts";
import { rounded } from "./figures.ts";
import { cameraOf, FramesWorld, type Counts } from "./frames-world.ts";

const HELP = `Calls and US dollars of motions of 20 s and 60 s: frames, a sampler of one image a second, a stream processor.
Usage: node bench/frames-cost.bench.ts [--json]`;

const GOALS = new Map([[20, 2.5], [60, 1]]); // prettier-ignore
/** Memory of the function that does steps (serverless.yml). */
const FUNCTION_GB = 1;
const POLL_MS = 500;
/** A motion is run once for each: a step that runs when the stop comes is done again. */
const STOP_DELAYS_MS = Array.from({ length: 20 }, (_, index) => 50 + 100 * index);
const CALLS_PER_SECOND = 50;

interface Case {
  readonly name: string;
  readonly camera: Camera;
  readonly personAfterSeconds?: number;
}

const cameraWith = (settings: object): Camera => cameraOf({ cameraId: "porch", ...settings });
const ONLY_PERSON = { labels: { PERSON: 50 } };
const CASES: readonly Case[] = [
  { name: "nothing detected", camera: cameraWith({}) },
  { name: "nothing, sessions of 120 s", camera: cameraWith({ maxDurationSeconds: 120 }) },
  {
    name: "nothing, 120 s, gaps up to 16 s",
    camera: cameraWith({ maxDurationSeconds: 120, maxSampleGapSeconds: 16 }),
  },
  { name: "PERSON at 2 s, nothing else wanted", camera: cameraWith(ONLY_PERSON), personAfterSeconds: 2 },
  { name: "PERSON at 2 s, PET and PACKAGE wanted", camera: cameraWith({}), personAfterSeconds: 2 },
];

/**
 * Runs the sessions of a motion, each from the end of the last one, as Doorstep chains them.
 * @param stopDelayMs from the end of the motion until the engine is to stop
 */
async function frames(
  { camera, personAfterSeconds }: Case,
  seconds: number,
  stopDelayMs: number,
): Promise<Counts> {
  const world = worldOf(camera, personAfterSeconds);
  const { clock, engine, startMs } = world;
  const { processorName, maxDurationSeconds } = camera;
  const untilMs = startMs + seconds * SECOND_MS;
  clock.after(seconds * SECOND_MS + stopDelayMs, () => void engine.stop(processorName, untilMs));
  for (let videoStartMs = startMs; videoStartMs < untilMs; videoStartMs += maxDurationSeconds * SECOND_MS) {
    const before = world.completed.length;
    const started = engine.start({ processorName, videoStartMs, maxDurationSeconds });
    await world.run(() => world.completed.length > before && !world.isRunning(processorName));
    const { kind } = await started;
    if (kind !== "started" || world.completed.length !== before + 1)
      throw new Error(`a session did not end: ${kind}`, { cause: world.failures[0] });
  }
  await world.run();
  return world.counts;
}

/** One image of each second of the motion, whatever it shows. */
async function fixedSampler({ camera, personAfterSeconds }: Case, seconds: number): Promise<Counts> {
  const world = worldOf(camera, personAfterSeconds);
  const { clock, parts, startMs } = world;
  const sampling = (async () => {
    for (let second = 0; second < seconds; second++) {
      const atMs = startMs + second * SECOND_MS;
      let image = await parts.imageAt(camera.streamName, atMs);
      while (image.kind === "no-video") {
        await sleep(clock, POLL_MS);
        image = await parts.imageAt(camera.streamName, atMs);
      }
      if (image.kind !== "image") throw new Error(`no image of second ${second}: ${image.kind}`);
      await parts.detectLabels(image.jpeg, [], 50);
    }
  })();
  await world.run();
  await sampling;
  return world.counts;
}

const worldOf = (camera: Camera, personAfterSeconds: number | undefined): FramesWorld =>
  new FramesWorld([camera], {
    callsPerSecond: CALLS_PER_SECOND,
    ...(personAfterSeconds !== undefined && { personAfterSeconds }),
  });

/** All that AWS bills for the analysis: also Kinesis Video, Lambda, SQS, DynamoDB, S3 and SNS. */
function usdInAll(counts: Counts): number {
  const billed: Partial<Record<PriceName, number>> = {
    rekognitionImage: counts.detectLabels,
    kinesisVideoImage: counts.images,
    lambdaRequest: counts.steps,
    lambdaGbSecond: (counts.stepMs / SECOND_MS) * FUNCTION_GB,
    // Sent, received and deleted.
    sqsRequest: 3 * counts.messages,
    dynamoDbRead: counts.tableReads,
    dynamoDbWrite: counts.tableWrites,
    s3Put: counts.puts,
    snsPublish: counts.publishes,
  };
  return Object.entries(billed).reduce(
    (sum, [name, amount]) => sum + usdOf(listPrices.prices[name as PriceName], amount),
    0,
  );
}

/** Runs the motion with every delay. @returns the mean counts */
async function meanOf(one: Case, seconds: number): Promise<{ mean: Counts; fewest: number; most: number }> {
  const all: Counts[] = [];
  for (const stopDelayMs of STOP_DELAYS_MS) all.push(await frames(one, seconds, stopDelayMs));
  const calls = all.map(({ detectLabels }) => detectLabels);
  const mean = Object.fromEntries(
    Object.keys(all[0]!).map((name) => [
      name,
      all.reduce((sum, counts) => sum + counts[name as keyof Counts], 0) / all.length,
    ]),
  ) as unknown as Counts;
  return { mean, fewest: Math.min(...calls), most: Math.max(...calls) };
}

async function measure(one: Case, seconds: number) {
  const { mean: own, fewest, most } = await meanOf(one, seconds);
  const fixed = await fixedSampler(one, seconds);
  const processorUsd = analysisCostUsd("stream-processor", { analysedMs: seconds * SECOND_MS, samples: 0 });
  const usdOfCalls = ({ detectLabels }: Counts) =>
    analysisCostUsd("frames", { analysedMs: 0, samples: detectLabels });
  const { camera, personAfterSeconds } = one;
  const isSatisfied = personAfterSeconds !== undefined && Object.keys(camera.labels).length === 1;
  const planned = motionAnalysis({
    seconds,
    sessionSeconds: camera.maxDurationSeconds,
    maxSampleGapSeconds: camera.maxSampleGapSeconds,
    ...(isSatisfied && { detectedAfterSeconds: personAfterSeconds }),
  }).samples;
  const goal = GOALS.get(seconds)!;
  const timesProcessor = usdOfCalls(own) / processorUsd;
  return {
    seconds,
    case: one.name,
    calls: rounded(own.detectLabels),
    fewestCalls: fewest,
    mostCalls: most,
    callsOfFixed: fixed.detectLabels,
    callsInCost: planned,
    usd: rounded(usdOfCalls(own), 6),
    usdOfFixed: rounded(usdOfCalls(fixed), 6),
    usdOfProcessor: rounded(processorUsd, 6),
    timesProcessor: rounded(timesProcessor),
    timesFixed: rounded(usdOfCalls(own) / usdOfCalls(fixed)),
    usdInAll: rounded(usdInAll(own), 6),
    steps: rounded(own.steps, 1),
    meanStepMs: Math.round(own.stepMs / own.steps),
    goal,
    isMet: timesProcessor <= goal,
  };
}

if (process.argv.includes("--help")) console.log(HELP);
else {
  const results = [];
  for (const seconds of GOALS.keys()) for (const one of CASES) results.push(await measure(one, seconds));
  if (process.argv.includes("--json")) console.log(JSON.stringify(results));
  else {
    console.log("US dollars of Rekognition's list price; `in all` adds images, steps, tables and queues\n");
    for (const one of results)
      console.log(
        [
          `${one.seconds} s, ${one.case}`.padEnd(46),
          `${one.calls} calls (${one.fewestCalls} to ${one.mostCalls}), fixed ${one.callsOfFixed}`.padEnd(32),
          `$${one.usd.toFixed(4)} (in all $${one.usdInAll.toFixed(4)})`,
          `fixed $${one.usdOfFixed.toFixed(3)}`,
          `processor $${one.usdOfProcessor.toFixed(4)}`,
          `${one.timesProcessor.toFixed(2)} times (goal ${one.goal}: ${one.isMet ? "met" : "missed"})`,
        ].join("   "),
      );
  }
  const wrong = results.filter(({ fewestCalls, callsInCost }) => fewestCalls !== callsInCost);
  for (const { seconds, case: name, fewestCalls, callsInCost } of wrong)
    console.error(`${seconds} s, ${name}: ${fewestCalls} calls; doorstep cost counts ${callsInCost}`);
  process.exitCode = wrong.length > 0 ? 1 : 0;
}
