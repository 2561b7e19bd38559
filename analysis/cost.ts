import type { PriceName, Prices } from "../schemas/prices.ts";
import { listPrices, usdOf } from "./prices.ts";

/** What turns a camera's video into notifications. */
export const ENGINES = ["stream-processor", "frames"] as const;
export type Engine = (typeof ENGINES)[number];

export const DAYS_PER_MONTH = 30;
/** How often the engine `frames` looks at an image, unless told otherwise. */
export const SAMPLE_EVERY_SECONDS = 1;

/** A fleet and what its cameras see. */
export interface Fleet {
  readonly cameras: number;
  readonly motionsPerDay: number;
  /** How long a motion lasts, so how much video is analysed for it. */
  readonly seconds: number;
  /** How much video one session analyses; a longer motion has several. */
  readonly sessionSeconds: number;
  readonly sampleEverySeconds: number;
  readonly labelsPerMotion: number;
  /** Whether only motion's video is uploaded, or all the day's. */
  readonly video: "motion" | "always";
  readonly megabitsPerSecond: number;
  readonly retentionDays: number;
  readonly queriesPerDay: number;
}

/** What nobody who plans a fleet knows yet. */
export const FLEET_DEFAULTS = {
  sessionSeconds: 30,
  sampleEverySeconds: SAMPLE_EVERY_SECONDS,
  labelsPerMotion: 1.5,
  video: "motion",
  megabitsPerSecond: 2,
  retentionDays: 1,
  queriesPerDay: 20,
} as const satisfies Partial<Fleet>;

/** One line of the bill for a month of {@link DAYS_PER_MONTH} days. */
export interface CostLine {
  readonly service: string;
  readonly what: string;
  readonly price: PriceName;
  /** In the price's unit. */
  readonly amount: number;
  readonly usd: number;
  /** What the amount rests on that is neither given nor documented. */
  readonly guess?: string;
}

/** Amounts that are guessed; each is told beside the figure that rests on it. */
const GUESSED = {
  transformMsPerRecord: 0.1,
  invocationsPerSession: 4,
  requestMs: 40,
  functionGb: 0.5,
  writesPerSession: 8,
  readsPerSession: 10,
  queueRequestsPerSession: 6,
  eventsPerSession: 3,
  imagesPerDetection: 2,
  imageMb: 0.15,
  bufferSeconds: 60,
  scannedMbPerQuery: 50,
} as const;

/** Documented (Firehose pricing): each record is rounded up to 5 KB; no notification is known to be longer. */
const FIREHOSE_RECORD_KB = 5;
const SECONDS_PER_DAY = 86_400;
const KB_PER_GB = 1e6;

/** The analysis alone: what a stretch of video costs to look at, without everything around it. */
export function analysisCostUsd(
  engine: Engine,
  analysedMs: number,
  { prices }: Prices = listPrices,
  sampleEverySeconds: number = SAMPLE_EVERY_SECONDS,
): number {
  return engine === "stream-processor"
    ? usdOf(prices.rekognitionStreamingMinute, analysedMs / 60_000)
    : usdOf(prices.rekognitionImage, analysedMs / 1000 / sampleEverySeconds);
}

/** Every line of a month's bill with one engine; those of no amount are left out. */
export function fleetCost(engine: Engine, fleet: Fleet, { prices }: Prices = listPrices): CostLine[] {
  const { cameras, seconds, video, megabitsPerSecond } = fleet;
  const motions = cameras * fleet.motionsPerDay * DAYS_PER_MONTH;
  const analysedSeconds = motions * seconds;
  const sessions = motions * Math.ceil(seconds / fleet.sessionSeconds);
  const detections = motions * fleet.labelsPerMotion;
  const gbOf = (videoSeconds: number) => (videoSeconds * megabitsPerSecond) / 8 / 1000;
  const uploadedGb = gbOf(video === "always" ? cameras * SECONDS_PER_DAY * DAYS_PER_MONTH : analysedSeconds);

  const records = detections + 2 * sessions;
  const recordGb = (records * FIREHOSE_RECORD_KB) / KB_PER_GB;
  const buffersPerMonth = (SECONDS_PER_DAY * DAYS_PER_MONTH) / GUESSED.bufferSeconds;
  const objects = Math.min(detections, buffersPerMonth) + Math.min(2 * sessions, buffersPerMonth);
  const images = analysedSeconds / fleet.sampleEverySeconds;
  const evidence = detections * GUESSED.imagesPerDetection;
  const invocations = 2 * motions + sessions * GUESSED.invocationsPerSession;
  const computeSeconds =
    (invocations * GUESSED.requestMs + records * GUESSED.transformMsPerRecord) / 1000 +
    (engine === "frames" ? analysedSeconds : 0);

  const lines: CostLine[] = [];
  const add = (service: string, what: string, price: PriceName, amount: number, guess?: string) => {
    const usd = usdOf(prices[price], amount);
    if (amount > 0) lines.push({ service, what, price, amount, usd, ...(guess !== undefined && { guess }) });
  };

  if (engine === "stream-processor")
    add("Rekognition", "streaming video", "rekognitionStreamingMinute", analysedSeconds / 60);
  else add("Rekognition", "DetectLabels", "rekognitionImage", images);

  const rate = `${megabitsPerSecond} Mbit/s`;
  add("Kinesis Video", "video in", "kinesisVideoInGb", uploadedGb, rate);
  const read = engine === "frames" ? `${rate}, GetImages paid like reading` : rate;
  add("Kinesis Video", "video read by the engine", "kinesisVideoOutGb", gbOf(analysedSeconds), read);
  add(
    "Kinesis Video",
    "video kept",
    "kinesisVideoStorageGbMonth",
    (uploadedGb / DAYS_PER_MONTH) * fleet.retentionDays,
    `${rate}, days kept: ${fleet.retentionDays}`,
  );

  const labels = `${fleet.labelsPerMotion} labels a motion`;
  add("SNS", "notifications", "snsPublish", detections + sessions, labels);
  add("SNS", "deliveries to Firehose", "snsFirehoseDelivery", detections + sessions, labels);
  add("Firehose", "ingest, 5 KB a record", "firehoseIngestGb", recordGb, labels);
  add("Firehose", "conversion to Parquet", "firehoseConversionGb", recordGb, labels);
  add("Firehose", "partitioning", "firehosePartitioningGb", recordGb, labels);
  const buffers = `an object a table every ${GUESSED.bufferSeconds} s at most`;
  add("Firehose", "partitioned objects", "firehosePartitioningObject", objects, buffers);

  const calls = `${GUESSED.invocationsPerSession} calls a session beside motion's start and stop`;
  add("Lambda", "requests", "lambdaRequest", invocations, calls);
  const sampler = engine === "frames" ? ", and the sampler all along" : "";
  add(
    "Lambda",
    "compute",
    "lambdaGbSecond",
    computeSeconds * GUESSED.functionGb,
    `${GUESSED.requestMs} ms a call of ${GUESSED.functionGb} GB${sampler}`,
  );
  add("HTTP API", "motion's start and stop", "httpApiRequest", 2 * motions);
  const { writesPerSession, readsPerSession, queueRequestsPerSession, eventsPerSession } = GUESSED;
  add("DynamoDB", "writes", "dynamoDbWrite", sessions * writesPerSession, `${writesPerSession} a session`);
  add("DynamoDB", "reads", "dynamoDbRead", sessions * readsPerSession, `${readsPerSession} a session`);
  add(
    "SQS",
    "requests",
    "sqsRequest",
    sessions * queueRequestsPerSession,
    `${queueRequestsPerSession} a session`,
  );
  add(
    "EventBridge",
    "events",
    "eventBridgeEvent",
    sessions * eventsPerSession,
    `${eventsPerSession} a session`,
  );
  add("S3", "objects and images put", "s3Put", evidence + 2 * objects, `${labels}, 2 images each`);
  add(
    "S3",
    "a month's images kept",
    "s3StorageGbMonth",
    (evidence * GUESSED.imageMb) / 1000,
    `${GUESSED.imageMb} MB an image`,
  );
  add(
    "Athena",
    "bytes scanned",
    "athenaScannedTb",
    (fleet.queriesPerDay * DAYS_PER_MONTH * GUESSED.scannedMbPerQuery) / 1e6,
    `${fleet.queriesPerDay} queries a day of ${GUESSED.scannedMbPerQuery} MB`,
  );
  return lines;
}

export const totalUsd = (lines: readonly CostLine[]): number => lines.reduce((sum, { usd }) => sum + usd, 0);
