/** The one list of the project's own metrics, which functions print in CloudWatch's embedded metric format. */

export const METRIC_NAMESPACE = "Doorstep";

interface Metric {
  readonly unit: "Count" | "Milliseconds";
  /** Names of its dimensions, all of them always given. */
  readonly dimensions: readonly string[];
  /** The functions that print it. */
  readonly from: readonly string[];
  readonly about: string;
}

const BY_STACK = ["stack"] as const;
const BY_TABLE = ["stack", "table"] as const;

export const METRICS = {
  MotionReported: {
    unit: "Count",
    dimensions: BY_STACK,
    from: ["startSession"],
    about: "Motion starts that were taken.",
  },
  MotionRefused: {
    unit: "Count",
    dimensions: ["stack", "reason"],
    from: ["startSession", "stopSession", "showSession"],
    about: "Requests of cameras that were refused; `reason` is the type of the problem details.",
  },
  SessionsStarted: {
    unit: "Count",
    dimensions: BY_STACK,
    from: ["driveSession"],
    about: "Sessions that the engine has taken up, as the event bus was told.",
  },
  SessionsCompleted: {
    unit: "Count",
    dimensions: BY_STACK,
    from: ["driveSession"],
    about: "Sessions that ended well, as the event bus was told.",
  },
  SessionsFailed: {
    unit: "Count",
    dimensions: BY_STACK,
    from: ["driveSession"],
    about: "Sessions that failed, as the event bus was told: once for a reason until a session ends well.",
  },
  BudgetsExhausted: {
    unit: "Count",
    dimensions: BY_STACK,
    from: ["driveSession"],
    about: "Cameras whose minutes of the day are used up, as the event bus was told.",
  },
  StartsThrottled: {
    unit: "Count",
    dimensions: BY_STACK,
    from: ["startSession", "driveSession"],
    about: "Starts that the engine throttled; each is tried again.",
  },
  StartsRefused: {
    unit: "Count",
    dimensions: BY_STACK,
    from: ["startSession", "driveSession"],
    about: "Starts that the engine refused.",
  },
  RowsTransformed: {
    unit: "Count",
    dimensions: BY_TABLE,
    from: ["transform"],
    about: "Rows handed back to Firehose for the lake.",
  },
  RecordsQuarantined: {
    unit: "Count",
    dimensions: BY_TABLE,
    from: ["transform"],
    about: "Records that could not be transformed; Firehose keeps them under the error prefix.",
  },
  TimeToDetection: {
    unit: "Milliseconds",
    dimensions: BY_STACK,
    from: ["transform"],
    about:
      "From the camera's frame to the notification's arrival in Firehose; of the first 100 labels of a batch.",
  },
} as const satisfies Readonly<Record<string, Metric>>;

export type MetricName = keyof typeof METRICS;
