/**
 * What a motion costs with the engine `frames`, beside a fixed sampler of one image a second and beside a stream
 * processor: calls of DetectLabels and US dollars, list prices. The engine's real steps run over parts in memory, on a clock
 * that is turned. Goals, of Rekognition's price alone: at most 2.5 times the stream processor's for a motion of 20 s, at
 * most once for one of 60 s.
 *
 *     npm run bench -- frames-cost
 */
import { analysisCostUsd, motionAnalysis } from "../analysis/cost.ts";
import { listPrices, usdOf } from "../analysis/prices.ts";
import { sleep } from "../base/clock.ts";
import { SECOND_MS } from "../base/durations.ts";
import type { Camera } from "../schemas/camera.ts";
import type { PriceName } from "../schemas/prices.ts";
import { rounded } from "./figures.ts";
import { cameraOf, FramesWorld, type Counts } from "./frames-world.ts";
import { figure, report } from "./result.ts";

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
    usdInAll: rounded(usdInAll(own), 6),
    steps: rounded(own.steps, 1),
    meanStepMs: Math.round(own.stepMs / own.steps),
    goal,
  };
}

const results: Awaited<ReturnType<typeof measure>>[] = [];
for (const seconds of GOALS.keys()) for (const one of CASES) results.push(await measure(one, seconds));
const sum = (key: "usd" | "usdOfFixed") => results.reduce((all, one) => all + one[key], 0);
report("frames-cost", {
  figures: results.flatMap((one) => {
    const name = `${one.seconds} s, ${one.case}`;
    return [
      figure(
        `${name}: calls`,
        one.calls,
        `(${one.fewestCalls} to ${one.mostCalls}; fixed ${one.callsOfFixed})`,
      ),
      figure(`${name}: Rekognition`, one.usd, "US dollars"),
      figure(`${name}: in all`, one.usdInAll, "US dollars"),
      figure(`${name}: one image a second`, one.usdOfFixed, "US dollars"),
      figure(`${name}: stream processor`, one.usdOfProcessor, "US dollars"),
      figure(`${name}: of the stream processor's price`, one.timesProcessor, "times", { atMost: one.goal }),
      figure(`${name}: steps`, one.steps, `of ${one.meanStepMs} ms`),
    ];
  }),
  rival: {
    name: "one image a second, whatever it shows",
    ratio: rounded(sum("usdOfFixed") / sum("usd")),
    ratioOf: "its calls / ours, over all motions",
  },
  sameWork:
    "both sampled the same motions to their end; the fewest calls are those that `doorstep cost` counts",
  failures: results
    .filter(({ fewestCalls, callsInCost }) => fewestCalls !== callsInCost)
    .map(
      ({ seconds, case: name, fewestCalls, callsInCost }) =>
        `${seconds} s, ${name}: ${fewestCalls} calls; doorstep cost counts ${callsInCost}`,
    ),
});
