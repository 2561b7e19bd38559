/** What an alarm watches, as the template names it; its CloudWatch dimension follows from the kind. */
export type Watched =
  | {
      readonly kind: "queue" | "function" | "deliveryStream" | "topic" | "rule" | "api";
      readonly logicalId: string;
    }
  /** The stack's own metrics, made from the functions' logs. */
  | { readonly kind: "log" };

/** One CloudWatch alarm. It rings at once: one period of data over the threshold; no data is no alarm. */
export interface Alarm {
  /** In the stack's list of alarms, and as its logical id in upper camel case. */
  readonly name: string;
  readonly watched: Watched;
  readonly metric: string;
  readonly statistic: "Sum" | "Maximum" | "Average" | "Minimum";
  readonly periodSeconds: number;
  readonly rings: { readonly when: "atLeast" | "below"; readonly threshold: number };
}

/** The columns of the dashboard, in the order in which data travels. */
export const STAGES = ["motion", "sessions", "notifications", "delivery", "lake"] as const;

/** One arrow of the picture: how it fails and how what failed comes back. */
export interface Arrow {
  readonly name: string;
  readonly stage: (typeof STAGES)[number];
  readonly from: string;
  readonly to: string;
  /** What goes wrong. */
  readonly fails: string;
  /** How often and for how long it is tried again, and who says so. */
  readonly retried: string;
  /** Where that ends which is not tried again any more. */
  readonly lands: string;
  /** None only with `unseen`: how one sees it without an alarm. */
  readonly alarms: readonly Alarm[];
  readonly unseen?: string;
  /** How it comes back, when no redrive path brings it. */
  readonly returns: string;
  /** What `doorstep redrive --from` takes for it. */
  readonly redrive?: readonly RedrivePath[];
}

/** What `doorstep redrive --from` takes, in the order in which they are put back: sessions first, then their facts. */
export const REDRIVE_PATHS = [
  "stops",
  "wake-ups",
  "schedule",
  "session-ends",
  "detections",
  "sessions",
  "detection-errors",
  "session-errors",
  "raw",
] as const;

export type RedrivePath = (typeof REDRIVE_PATHS)[number];

const MINUTE_SECONDS = 60;
const FIVE_MINUTES_SECONDS = 300;

/** Rings while anything lies in the queue. */
export const anythingIn = (name: string, logicalId: string): Alarm => ({
  name,
  watched: { kind: "queue", logicalId },
  metric: "ApproximateNumberOfMessagesVisible",
  statistic: "Maximum",
  periodSeconds: MINUTE_SECONDS,
  rings: { when: "atLeast", threshold: 1 },
});

/** Rings when a message has waited longer than these seconds. */
export const waitsLonger = (name: string, logicalId: string, seconds: number): Alarm => ({
  name,
  watched: { kind: "queue", logicalId },
  metric: "ApproximateAgeOfOldestMessage",
  statistic: "Maximum",
  periodSeconds: MINUTE_SECONDS,
  rings: { when: "atLeast", threshold: seconds },
});

/** Rings when so many were counted within five minutes. */
export const counted = (name: string, watched: Watched, metric: string, threshold = 1): Alarm => ({
  name,
  watched,
  metric,
  statistic: "Sum",
  periodSeconds: FIVE_MINUTES_SECONDS,
  rings: { when: "atLeast", threshold },
});

/** Rings when the oldest record that is not delivered yet is older than this. */
export const staler = (name: string, logicalId: string, metric: string, seconds: number): Alarm => ({
  name,
  watched: { kind: "deliveryStream", logicalId },
  metric,
  statistic: "Maximum",
  periodSeconds: FIVE_MINUTES_SECONDS,
  rings: { when: "atLeast", threshold: seconds },
});
