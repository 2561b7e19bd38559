/** What an alarm watches, as the template names it; its CloudWatch dimension follows from the kind. */
export type Watched =
  | {
      readonly kind: "queue" | "function" | "deliveryStream" | "topic" | "api";
      readonly logicalId: string;
    }
  /** The stack's own metrics, which the functions print (schemas/observability). */
  | { readonly kind: "own" };

/**
 * A CloudWatch alarm. CloudWatch bills each metric of an alarm, so metric math over several costs as much as an alarm on each
 * (documented: CloudWatch pricing). It is in ALARM after one period at or above the threshold; missing data is
 * not breaching.
 */
export interface Alarm {
  /** In the stack's list of alarms, and as its logical id in upper camel case. */
  readonly name: string;
  readonly watched: Watched;
  readonly metric: string;
  readonly statistic: "Sum" | "Maximum";
  readonly periodSeconds: number;
  readonly threshold: number;
  /** A parameter of the stack of which this many times are allowed on top of the threshold. */
  readonly beyond?: { readonly times: number; readonly parameter: string };
}

/** The columns of the dashboard, in the order in which data travels. */
export const STAGES = ["motion", "sessions", "notifications", "alerts", "delivery", "lake"] as const;

/** One step of the data's way: how it fails, and how data that failed is recovered. */
export interface FailurePath {
  readonly name: string;
  readonly stage: (typeof STAGES)[number];
  readonly from: string;
  readonly to: string;
  /** What goes wrong. */
  readonly failure: string;
  /** How often and for how long the step is retried, and the source of that. */
  readonly retries: string;
  /** Where data is kept once there are no more retries. */
  readonly keptIn: string;
  /** Empty only with `withoutAlarm`, which says how to notice the failure. */
  readonly alarms: readonly Alarm[];
  readonly withoutAlarm?: string;
  /** How the data is recovered: by itself, or what the redrive does. */
  readonly recovery: string;
  /** The values of `doorstep redrive --from` that recover it. */
  readonly redrive?: readonly RedrivePath[];
}

/** The values of `doorstep redrive --from`, in the order in which they are redriven: sessions first, then alerts, then facts. */
export const REDRIVE_PATHS = [
  "stops",
  "wake-ups",
  "samples",
  "face-checks",
  "faces",
  "face-records",
  "schedule",
  "session-ends",
  "alerts",
  "alert-deliveries",
  "detections",
  "sessions",
  "detection-errors",
  "session-errors",
  "alert-errors",
  "face-errors",
  "sweeps",
  "raw",
] as const;

export type RedrivePath = (typeof REDRIVE_PATHS)[number];

const MINUTE_SECONDS = 60;
const FIVE_MINUTES_SECONDS = 300;

/** An alarm while the queue has any message. */
export const anyMessage = (name: string, logicalId: string): Alarm => ({
  name,
  watched: { kind: "queue", logicalId },
  metric: "ApproximateNumberOfMessagesVisible",
  statistic: "Maximum",
  periodSeconds: MINUTE_SECONDS,
  threshold: 1,
});

/** An alarm when a message has waited this long. */
export const oldestMessage = (name: string, logicalId: string, seconds: number): Alarm => ({
  name,
  watched: { kind: "queue", logicalId },
  metric: "ApproximateAgeOfOldestMessage",
  statistic: "Maximum",
  periodSeconds: MINUTE_SECONDS,
  threshold: seconds,
});

/** An alarm when the metric's sum over five minutes reaches the threshold. */
export const counted = (name: string, watched: Watched, metric: string, threshold = 1): Alarm => ({
  name,
  watched,
  metric,
  statistic: "Sum",
  periodSeconds: FIVE_MINUTES_SECONDS,
  threshold,
});

/** An alarm when a function is this far behind its data streams. */
export const oldestOfShards = (name: string, logicalId: string, seconds: number): Alarm => ({
  name,
  watched: { kind: "function", logicalId },
  metric: "IteratorAge",
  statistic: "Maximum",
  periodSeconds: FIVE_MINUTES_SECONDS,
  threshold: seconds * 1000,
});

/** An alarm when the oldest undelivered record of a delivery stream is this old. */
export const oldestRecord = (name: string, logicalId: string, metric: string, seconds: number): Alarm => ({
  name,
  watched: { kind: "deliveryStream", logicalId },
  metric,
  statistic: "Maximum",
  periodSeconds: FIVE_MINUTES_SECONDS,
  threshold: seconds,
});
