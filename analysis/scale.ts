import type { EngineName } from "../schemas/engine.ts";
import { AWS_LIMITS, type AwsLimit, type LimitName } from "./aws-limits.ts";
import { ASSUMED, motionAnalysis, SECONDS_PER_DAY, type Fleet } from "./cost.ts";

/** A notification has 1.3 KB with one label (`events/label-detected.json`) and 2.4 KB with three (`npm run bench -- transform`). */
const NOTIFICATION_BYTES = 2000;
/** A record of the wake index: its three keys and DynamoDB's overhead. */
const WAKE_RECORD_BYTES = 200;
const READ_UNIT_BYTES = 4096;
/** A write that changes an index's key deletes the old entry and writes the new one (documented: DynamoDB guide, GSI). */
const INDEX_WRITES = 2;
/** The hour that is on, and the one before, whose last events are on their way. */
const OPEN_HOURS = 2;

/** How the busiest moment of a fleet compares with the mean over a day. */
export interface Peak {
  readonly timesMean: number;
}

/** What a fleet needs of a limit at its peak. */
export interface Need extends AwsLimit {
  readonly name: LimitName;
  readonly what: string;
  /** In the limit's unit. */
  readonly needed: number;
  /** How many times the limit that is. */
  readonly times: number;
}

export interface Scale {
  readonly engine: EngineName;
  readonly motionsPerSecond: number;
  /** Sessions that run at a time. */
  readonly sessionsAtATime: number;
  readonly needs: readonly Need[];
  /** Accounts, or accounts' worth of increases, until every limit of an account holds. */
  readonly accounts: number;
  /** Delivery streams of detections that one account would need for the whole fleet. */
  readonly deliveryStreams: number;
  /** Partitions of the wake index that one account would need for the whole fleet. */
  readonly wakeShards: number;
  /** To register every camera of the fleet in one account, at the rate of its slowest call. */
  readonly registrationHours: number;
}

/**
 * What a fleet needs of AWS's limits at its peak, in one account.
 * @param wakeShards those that the stack has
 */
export function scaleOf(
  engine: Exclude<EngineName, "face-search">,
  fleet: Fleet,
  { timesMean }: Peak,
  wakeShards: number,
): Scale {
  const { cameras, seconds } = fleet;
  const motions = ((cameras * fleet.motionsPerDay) / SECONDS_PER_DAY) * timesMean;
  const sessionsAtATime = motions * seconds;
  const sessions = motions * Math.ceil(seconds / fleet.sessionSeconds);
  const detections = motions * fleet.labelsPerMotion;
  const notifications = detections + sessions;
  const isSampled = engine === "frames";
  const samples = isSampled ? motions * motionAnalysis(fleet).samples : 0;
  const steps = isSampled ? samples * ASSUMED.stepsPerSample + sessions * ASSUMED.endingStepsPerSession : 0;
  const calls = 2 * motions + sessions * ASSUMED.invocationsPerSession + detections;
  const wakeWrites = sessions * ASSUMED.writesPerSession * INDEX_WRITES;

  const needs: Need[] = [];
  const add = (name: LimitName, what: string, needed: number, limit: AwsLimit = AWS_LIMITS[name]) =>
    needs.push({ ...limit, name, what, needed, times: needed / limit.value });
  add("streams", "a video stream per camera", cameras);
  add("httpApi", "motion start and stop", 2 * motions);
  if (isSampled) add("detectLabels", "samples", samples);
  else {
    add("processors", "a stream processor per camera", cameras);
    add("processorStarts", "starts of sessions", sessions);
    add("labelSessions", "sessions that run at a time", sessionsAtATime);
  }
  add("lambda", "functions that run at a time", (calls * ASSUMED.requestMs + steps * ASSUMED.stepMs) / 1000);
  add("tableWrites", "writes of session records", sessions * ASSUMED.writesPerSession);
  add("partitionWrites", `writes of each of the wake index's ${wakeShards} shards`, wakeWrites / wakeShards);
  add(
    "partitionReads",
    "every camera due at once, read from its shard in a second",
    ((cameras / wakeShards) * WAKE_RECORD_BYTES) / READ_UNIT_BYTES / 2,
  );
  add("publishes", "notifications published", notifications);
  add("firehoseRecords", "notifications to the lake", notifications);
  add("firehoseRequests", "the same, if SNS puts each by itself", notifications);
  add("firehoseBytes", "the same, in bytes", (notifications * NOTIFICATION_BYTES) / 2 ** 20);
  add("firehosePartitions", "hours of events that are open", OPEN_HOURS);
  add("putEvents", "bus events of sessions", sessions * ASSUMED.eventsPerSession);
  add("s3Puts", "images of detections", detections * ASSUMED.imagesPerDetection);

  const most = (of: AwsLimit["of"]) =>
    Math.ceil(Math.max(...needs.filter((one) => one.of === of).map(({ times }) => times)));
  const created = isSampled ? AWS_LIMITS.streamsCreated : AWS_LIMITS.processorsCreated;
  return {
    engine,
    motionsPerSecond: motions,
    sessionsAtATime,
    needs,
    accounts: most("account"),
    deliveryStreams: most("delivery stream"),
    wakeShards: Math.ceil(wakeWrites / AWS_LIMITS.partitionWrites.value),
    registrationHours: cameras / created.value / 3600,
  };
}
