import { MINUTE_MS, SECOND_MS } from "../base/durations.ts";
import { sampleOffsetsMs } from "../core/sampling/gaps.ts";
import type { EngineName } from "../schemas/engine.ts";
import type { PriceName, Prices } from "../schemas/prices.ts";
import { FACES_OF } from "./face-cost.ts";
import { listPrices, usdOf } from "./prices.ts";

export const DAYS_PER_MONTH = 30;

/** A fleet and its motion. */
export interface Fleet {
  readonly cameras: number;
  readonly motionsPerDay: number;
  /** Length of a motion, and so of the video that is analysed for it. */
  readonly seconds: number;
  /** Video that one session analyses; a longer motion has several sessions. */
  readonly sessionSeconds: number;
  readonly labelsPerMotion: number;
  /** Whether video is uploaded during motion only, or all day. */
  readonly video: "motion" | "always";
  readonly megabitsPerSecond: number;
  readonly retentionDays: number;
  readonly queriesPerDay: number;
  /** For the engine `frames`: the cameras' `maxSampleGapSeconds`. */
  readonly maxSampleGapSeconds: number;
  /**
   * For the engine `frames`: after how many seconds of a motion every label of the camera has been detected, so that its
   * sessions take no more samples. If absent, they sample to their end.
   */
  readonly detectedAfterSeconds?: number;
  /** Persons in an analysed image, on average, of cameras that search faces; 0 if none does. */
  readonly personsPerImage: number;
  /** Alerts per camera and day, each for one target. */
  readonly alertsPerDay: number;
  readonly alertsBy: "webhook" | "email";
}

/** Typical values for what is unknown before a fleet exists. */
export const FLEET_DEFAULTS = {
  sessionSeconds: 30,
  labelsPerMotion: 1.5,
  video: "motion",
  megabitsPerSecond: 2,
  retentionDays: 1,
  queriesPerDay: 20,
  maxSampleGapSeconds: 5,
  personsPerImage: 0,
  alertsPerDay: 0,
  alertsBy: "webhook",
} as const satisfies Partial<Fleet>;

/** One line of the bill for a month of {@link DAYS_PER_MONTH} days. */
export interface CostLine {
  readonly service: string;
  readonly what: string;
  readonly price: PriceName;
  /** In the price's unit. */
  readonly amount: number;
  readonly usd: number;
  /** The assumption behind the amount, if it is neither given nor documented. */
  readonly assumption?: string;
}

/** Assumed amounts; each is named beside the figures that depend on it. */
export const ASSUMED = {
  transformMsPerRecord: 0.1,
  invocationsPerSession: 5,
  requestMs: 40,
  functionGb: 0.5,
  writesPerSession: 9,
  readsPerSession: 10,
  queueRequestsPerSession: 9,
  eventsPerSession: 3,
  imagesPerDetection: 2,
  imageMb: 0.15,
  bufferSeconds: 60,
  logKbPerInvocation: 1,
  /** MotionReported, SessionsStarted, SessionsCompleted and TimeToDetection; the others count what goes wrong. */
  metricsInUse: 4,
  scannedMbPerQuery: 50,
  /** Steps of the engine `frames`, as `npm run bench -- frames-cost` counts them: some find that the video is still to come. */
  stepsPerSample: 1.5,
  endingStepsPerSession: 2,
  stepMs: 600,
  stepGb: 1,
  writesPerStep: 2,
  readsPerStep: 2,
  /** Send, receive and delete. */
  queueRequestsPerStep: 3,
  /**
   * Each detection is decided: rules, snoozes, camera, session and the camera's alerts are read, and the alerts are written
   * before and after what is due, of 2 KB.
   */
  readsPerDecision: 5,
  writesPerDecision: 4,
  queueRequestsPerDecision: 3,
  /** An alert's later turns: two checks of its picture, an update and its end. */
  turnsPerAlert: 4,
  /** Raised, updated and ended: each is an event and a message. By e-mail, an update is not sent where it is silent. */
  revisionsPerAlert: 3,
  emailsPerAlert: 1,
  writesPerTurn: 6,
  sendMs: 300,
} as const;

/** Documented (Firehose pricing): each record is rounded up to 5 KB. No longer notification is known. */
const FIREHOSE_RECORD_KB = 5;
export const SECONDS_PER_DAY = 86_400;
const KB_PER_GB = 1e6;

/** What engines analysed. */
export interface Analysed {
  readonly analysedMs: number;
  /** Images that the engine `frames` had analysed; the other engine takes none. */
  readonly samples: number;
}

/** What an engine bills: minutes of video, or images. */
const BILLED: Readonly<
  Record<
    EngineName,
    {
      readonly what: string;
      readonly price: PriceName;
      readonly amountOf: (analysed: Analysed) => number;
    }
  >
> = {
  "stream-processor": {
    what: "streaming video",
    price: "rekognitionStreamingMinute",
    amountOf: ({ analysedMs }) => analysedMs / MINUTE_MS,
  },
  // As long as the processor runs: also while its stream has no video.
  "face-search": {
    what: "face search in streaming video",
    price: "rekognitionFaceSearchMinute",
    amountOf: ({ analysedMs }) => analysedMs / MINUTE_MS,
  },
  frames: { what: "images", price: "rekognitionImage", amountOf: ({ samples }) => samples },
};

/** What Rekognition bills for the analysis, without all other services, US dollars. */
export function analysisCostUsd(
  engine: EngineName,
  analysed: Analysed,
  { prices }: Prices = listPrices,
): number {
  const { price, amountOf } = BILLED[engine];
  return usdOf(prices[price], amountOf(analysed));
}

/**
 * What the analysis of a motion takes, in sessions of which each goes on where the last one ended. Every session samples
 * densely at its start, and has each label to detect again.
 */
export function motionAnalysis({
  seconds,
  sessionSeconds,
  maxSampleGapSeconds,
  detectedAfterSeconds = Infinity,
}: Pick<Fleet, "seconds" | "sessionSeconds" | "maxSampleGapSeconds" | "detectedAfterSeconds">): Analysed {
  const detectedMs = detectedAfterSeconds * SECOND_MS;
  const [endMs, sessionMs] = [seconds * SECOND_MS, sessionSeconds * SECOND_MS];
  let samples = 0;
  for (let startMs = 0; startMs < endMs; startMs += sessionMs) {
    const offsetsMs = sampleOffsetsMs(Math.min(sessionMs, endMs - startMs), maxSampleGapSeconds);
    const last = offsetsMs.findIndex((offsetMs) => startMs + offsetMs >= detectedMs);
    samples += last < 0 ? offsetsMs.length : last + 1;
  }
  return { analysedMs: endMs, samples };
}

/** Every line of a month's bill with one engine, except those of 0. */
export function fleetCost(engine: EngineName, fleet: Fleet, { prices }: Prices = listPrices): CostLine[] {
  const { cameras, seconds, video, megabitsPerSecond } = fleet;
  const motions = cameras * fleet.motionsPerDay * DAYS_PER_MONTH;
  const analysedSeconds = motions * seconds;
  const sessions = motions * Math.ceil(seconds / fleet.sessionSeconds);
  const detections = engine === "face-search" ? 0 : motions * fleet.labelsPerMotion;
  const gbOf = (videoSeconds: number) => (videoSeconds * megabitsPerSecond) / 8 / 1000;
  const uploadedGb = gbOf(video === "always" ? cameras * SECONDS_PER_DAY * DAYS_PER_MONTH : analysedSeconds);

  // Rows of detections, of sessions, and of the decisions about detections.
  const records = 2 * detections + 2 * sessions;
  const recordGb = (records * FIREHOSE_RECORD_KB) / KB_PER_GB;
  // The stream of detections gets the completion notifications too, and its transform drops them.
  const ingestedGb = ((records + sessions) * FIREHOSE_RECORD_KB) / KB_PER_GB;
  const buffersPerMonth = (SECONDS_PER_DAY * DAYS_PER_MONTH) / ASSUMED.bufferSeconds;
  const objects = 2 * Math.min(detections, buffersPerMonth) + Math.min(2 * sessions, buffersPerMonth);
  const evidence = detections * ASSUMED.imagesPerDetection;
  const invocations = 2 * motions + sessions * ASSUMED.invocationsPerSession;
  const computeSeconds =
    (invocations * ASSUMED.requestMs + (records + sessions) * ASSUMED.transformMsPerRecord) / 1000;

  const isSampled = engine === "frames";
  const { detectedAfterSeconds: _, ...toTheEnd } = fleet;
  // The first image of a person often shows no face, so a camera that searches faces samples to the session's end.
  const sampling: Fleet = fleet.personsPerImage > 0 ? toTheEnd : fleet;
  const perMotion = motionAnalysis(sampling);
  const samples = isSampled ? motions * perMotion.samples : 0;
  const steps = isSampled ? samples * ASSUMED.stepsPerSample + sessions * ASSUMED.endingStepsPerSession : 0;

  const alerts = cameras * fleet.alertsPerDay * DAYS_PER_MONTH;
  const decisions = detections + alerts * ASSUMED.turnsPerAlert;
  const messages = alerts * ASSUMED.revisionsPerAlert;
  const faces = FACES_OF[engine]({
    cameras,
    seconds: analysedSeconds,
    samples,
    personsPerImage: fleet.personsPerImage,
  });
  const faceCalls = faces.reduce(
    (sum, { price, amount }) => sum + (price === "lambdaRequest" ? amount : 0),
    0,
  );
  const calls = invocations + steps + decisions + messages + faceCalls;

  const lines: CostLine[] = [];
  const add = (service: string, what: string, price: PriceName, amount: number, assumption?: string) => {
    const usd = usdOf(prices[price], amount);
    if (amount > 0)
      lines.push({ service, what, price, amount, usd, ...(assumption !== undefined && { assumption }) });
  };

  const { what: billed, price: ofBilled, amountOf } = BILLED[engine];
  const sampled =
    sampling.detectedAfterSeconds === undefined
      ? `a sample at least every ${fleet.maxSampleGapSeconds} s to the session's end`
      : `every label detected after ${sampling.detectedAfterSeconds} s, then no more samples`;
  add("Rekognition", billed, ofBilled, motions * amountOf(perMotion), isSampled ? sampled : undefined);

  const rate = `${megabitsPerSecond} Mbit/s`;
  add("Kinesis Video", "video in", "kinesisVideoInGb", uploadedGb, rate);
  if (!isSampled)
    add("Kinesis Video", "video read by the engine", "kinesisVideoOutGb", gbOf(analysedSeconds), rate);
  add("Kinesis Video", "images of samples", "kinesisVideoImage", samples, "one per sample, up to 1080p");
  add(
    "Kinesis Video",
    "video stored",
    "kinesisVideoStorageGbMonth",
    (uploadedGb / DAYS_PER_MONTH) * fleet.retentionDays,
    `${rate}, days stored: ${fleet.retentionDays}`,
  );

  const labels = `${fleet.labelsPerMotion} labels per motion`;
  add("SNS", "notifications", "snsPublish", detections + sessions, labels);
  add("SNS", "deliveries to Firehose", "snsFirehoseDelivery", detections + 2 * sessions, labels);
  add("Firehose", "ingestion, 5 KB per record", "firehoseIngestGb", ingestedGb, labels);
  add("Firehose", "conversion to Parquet", "firehoseConversionGb", recordGb, labels);
  add("Firehose", "partitioning", "firehosePartitioningGb", recordGb, labels);
  const buffers = `at most one object per table every ${ASSUMED.bufferSeconds} s`;
  add("Firehose", "partitioned objects", "firehosePartitioningObject", objects, buffers);

  const callsText = `${ASSUMED.invocationsPerSession} calls per session beside motion start and stop`;
  add("Lambda", "requests", "lambdaRequest", invocations, callsText);
  add(
    "Lambda",
    "compute",
    "lambdaGbSecond",
    computeSeconds * ASSUMED.functionGb,
    `${ASSUMED.requestMs} ms per call at ${ASSUMED.functionGb} GB`,
  );
  const stepsText = `${ASSUMED.stepsPerSample} per sample and ${ASSUMED.endingStepsPerSession} per session`;
  add("Lambda", "steps: requests", "lambdaRequest", steps, stepsText);
  add(
    "Lambda",
    "steps: compute",
    "lambdaGbSecond",
    (steps * ASSUMED.stepMs * ASSUMED.stepGb) / 1000,
    `${ASSUMED.stepMs} ms per step at ${ASSUMED.stepGb} GB`,
  );
  add("X-Ray", "traces", "xrayTrace", calls, "every call; of more than one a second, X-Ray records 5 %");
  add(
    "CloudWatch",
    "logs",
    "logsIngestedGb",
    (calls * ASSUMED.logKbPerInvocation) / 1e6,
    `${ASSUMED.logKbPerInvocation} KB per call`,
  );
  if (motions > 0)
    add(
      "CloudWatch",
      "metrics",
      "customMetric",
      ASSUMED.metricsInUse,
      "every hour has motion; nothing fails",
    );
  add("HTTP API", "motion start and stop", "httpApiRequest", 2 * motions);
  const { writesPerSession, readsPerSession, queueRequestsPerSession, eventsPerSession } = ASSUMED;
  const { writesPerStep, readsPerStep, queueRequestsPerStep } = ASSUMED;
  add("DynamoDB", "writes", "dynamoDbWrite", sessions * writesPerSession, `${writesPerSession} per session`);
  add("DynamoDB", "reads", "dynamoDbRead", sessions * readsPerSession, `${readsPerSession} per session`);
  add("DynamoDB", "steps: writes", "dynamoDbWrite", steps * writesPerStep, `${writesPerStep} per step`);
  add("DynamoDB", "steps: reads", "dynamoDbRead", steps * readsPerStep, `${readsPerStep} per step`);
  add(
    "SQS",
    "steps: requests",
    "sqsRequest",
    steps * queueRequestsPerStep,
    `${queueRequestsPerStep} per step`,
  );
  add(
    "SQS",
    "requests",
    "sqsRequest",
    sessions * queueRequestsPerSession,
    `${queueRequestsPerSession} per session`,
  );
  add(
    "EventBridge",
    "events",
    "eventBridgeEvent",
    sessions * eventsPerSession,
    `${eventsPerSession} per session`,
  );
  const { turnsPerAlert, revisionsPerAlert, queueRequestsPerDecision, emailsPerAlert } = ASSUMED;
  const decisionsText = `one per label${alerts > 0 ? ` and ${turnsPerAlert} per alert` : ""}`;
  const messagesText = `${revisionsPerAlert} per alert, to one target`;
  const { readsPerDecision, writesPerDecision, writesPerTurn } = ASSUMED;
  add("Lambda", "alerts: requests", "lambdaRequest", decisions + messages, decisionsText);
  add(
    "Lambda",
    "alerts: compute",
    "lambdaGbSecond",
    ((decisions * ASSUMED.requestMs + messages * ASSUMED.sendMs) * ASSUMED.functionGb) / 1000,
    `${ASSUMED.requestMs} ms per decision, ${ASSUMED.sendMs} ms per message`,
  );
  add(
    "DynamoDB",
    "alerts: writes",
    "dynamoDbWrite",
    detections * writesPerDecision + alerts * (turnsPerAlert * writesPerTurn + 1),
    `${writesPerDecision} per label, ${writesPerTurn} for each later turn of an alert`,
  );
  add(
    "DynamoDB",
    "alerts: reads",
    "dynamoDbRead",
    decisions * readsPerDecision + messages,
    `${readsPerDecision} per decision`,
  );
  add(
    "SQS",
    "alerts: requests",
    "sqsRequest",
    (decisions + messages) * queueRequestsPerDecision,
    `${queueRequestsPerDecision} per decision and message`,
  );
  add("EventBridge", "alerts: events", "eventBridgeEvent", messages, messagesText);
  if (fleet.alertsBy === "email") {
    add("SNS", "alerts: publications", "snsPublish", alerts * emailsPerAlert, "silent updates are not sent");
    add("SNS", "alerts: e-mails", "snsEmailDelivery", alerts * emailsPerAlert, "silent updates are not sent");
  }
  add("S3", "PUT requests, objects and images", "s3Put", evidence + 2 * objects, `${labels}, 2 images each`);
  add(
    "S3",
    "one month of images stored",
    "s3StorageGbMonth",
    (evidence * ASSUMED.imageMb) / 1000,
    `${ASSUMED.imageMb} MB per image`,
  );
  add(
    "Athena",
    "bytes scanned",
    "athenaScannedTb",
    (fleet.queriesPerDay * DAYS_PER_MONTH * ASSUMED.scannedMbPerQuery) / 1e6,
    `${fleet.queriesPerDay} queries per day of ${ASSUMED.scannedMbPerQuery} MB`,
  );
  for (const { service, what, price, amount, assumption } of faces)
    add(service, what, price, amount, assumption);
  return lines;
}

/** What a face-search processor costs in a month if nothing stops it, US dollars: it is billed while it runs. */
export const unstoppedFaceSearchUsd = ({ prices }: Prices = listPrices): number =>
  usdOf(prices.rekognitionFaceSearchMinute, (SECONDS_PER_DAY * DAYS_PER_MONTH * SECOND_MS) / MINUTE_MS);

export const totalUsd = (lines: readonly CostLine[]): number => lines.reduce((sum, { usd }) => sum + usd, 0);
