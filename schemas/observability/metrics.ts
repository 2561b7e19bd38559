/** The one list of the project's own metrics, which functions print in CloudWatch's embedded metric format. */

export const METRIC_NAMESPACE = "Doorstep";

interface Metric {
  readonly unit: "Count" | "Milliseconds";
  /** Names of its dimensions, each of which always has a value. */
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
    about: "Motion starts that were accepted.",
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
    about: "Sessions that the engine has started, as published on the event bus.",
  },
  SessionsCompleted: {
    unit: "Count",
    dimensions: BY_STACK,
    from: ["driveSession"],
    about: "Sessions that completed, as published on the event bus.",
  },
  SessionsFailed: {
    unit: "Count",
    dimensions: BY_STACK,
    from: ["driveSession"],
    about: "Sessions that failed, as published on the event bus: once per reason until a session completes.",
  },
  BudgetsExhausted: {
    unit: "Count",
    dimensions: BY_STACK,
    from: ["driveSession"],
    about: "Cameras whose daily budget is used up, as published on the event bus.",
  },
  StartsThrottled: {
    unit: "Count",
    dimensions: BY_STACK,
    from: ["startSession", "driveSession"],
    about: "Starts that the engine throttled; each is repeated.",
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
    about: "Rows returned to Firehose for the lake.",
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
