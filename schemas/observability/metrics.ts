/**
 * The one list of the project's own metrics, which functions print in CloudWatch's embedded metric format. Their one
 * dimension is the stack: CloudWatch bills each value of a dimension as a metric. What else is known of a value is a field of
 * its log line.
 */

export const METRIC_NAMESPACE = "Doorstep";
export const METRIC_DIMENSION = "stack";

interface Metric {
  readonly unit: "Count" | "Milliseconds";
  /** The functions that print it. */
  readonly from: readonly string[];
  readonly about: string;
}

export const METRICS = {
  MotionReported: {
    unit: "Count",
    from: ["startSession"],
    about: "Motion starts that were accepted.",
  },
  MotionRefused: {
    unit: "Count",
    from: ["startSession", "stopSession", "showSession", "showMedia", "snoozeAlerts"],
    about:
      "Requests of cameras that were refused, and requests with a link that no alert has; the line's `problem` is the type of the problem details.",
  },
  SessionsStarted: {
    unit: "Count",
    from: ["driveSession"],
    about: "Sessions that the engine has started, as published on the event bus.",
  },
  SessionsCompleted: {
    unit: "Count",
    from: ["driveSession"],
    about: "Sessions that completed, as published on the event bus.",
  },
  SessionsFailed: {
    unit: "Count",
    from: ["driveSession"],
    about: "Sessions that failed, as published on the event bus: once per reason until a session completes.",
  },
  BudgetsExhausted: {
    unit: "Count",
    from: ["driveSession"],
    about: "Cameras whose daily budget is used up, as published on the event bus.",
  },
  StartsThrottled: {
    unit: "Count",
    from: ["startSession", "driveSession"],
    about: "Starts that the engine throttled; each is repeated.",
  },
  StartsRefused: {
    unit: "Count",
    from: ["startSession", "driveSession"],
    about: "Starts that the engine refused.",
  },
  SamplesRefused: {
    unit: "Count",
    from: ["sampleFrames"],
    about:
      "Samples of the engine `frames` that the account's limit of calls, Rekognition or Kinesis Video Streams throttled; each is repeated, and the time between samples grows.",
  },
  FacesNotSent: {
    unit: "Count",
    from: ["sampleFrames"],
    about:
      "Images whose persons could not be sent to the search of faces; their labels are published all the same, and the session goes on.",
  },
  PersonsForgotten: {
    unit: "Count",
    from: ["sweepFaces"],
    about:
      "Persons of whom nothing is left after a run: their consent expired, no camera saw them for KnownFaceDays, or `doorstep faces forget` was interrupted.",
  },
  UnknownFacesRemoved: {
    unit: "Count",
    from: ["sweepFaces"],
    about: "Rows of unknown faces that were removed from the lake after UnknownFaceDays.",
  },
  LateFacesRemoved: {
    unit: "Count",
    from: ["sweepFaces"],
    about: "Rows that reached the lake after their person was forgotten or merged, and were corrected.",
  },
  FacesSearched: {
    unit: "Count",
    from: ["searchFaces"],
    about: "Persons whose part of an image was searched; each is a call of SearchUsersByImage.",
  },
  FacesNotSearched: {
    unit: "Count",
    from: ["searchFaces"],
    about:
      "Persons who were not: beyond the five largest of an image, or in an image that is gone or cannot be read; the log says why.",
  },
  FacesFound: {
    unit: "Count",
    from: ["searchFaces", "recordFaces"],
    about: "Faces that are in the lake now, also those of too low a quality to be searched.",
  },
  FacesRecognised: {
    unit: "Count",
    from: ["searchFaces", "recordFaces"],
    about: "Faces of enrolled persons.",
  },
  FacesUnknown: {
    unit: "Count",
    from: ["searchFaces", "recordFaces"],
    about: "Faces that were searched and resemble no enrolled person.",
  },
  AlertsRaised: {
    unit: "Count",
    from: ["raiseAlerts"],
    about: "Alerts that were raised: one for each motion that a rule takes.",
  },
  AlertsSuppressed: {
    unit: "Count",
    from: ["raiseAlerts"],
    about: "Detections that raised no alert and are part of none; the lake has the reason of each.",
  },
  AlertsSent: {
    unit: "Count",
    from: ["sendAlerts"],
    about: "Messages that a target accepted.",
  },
  AlertsRefused: {
    unit: "Count",
    from: ["sendAlerts"],
    about:
      "Attempts that a target refused or did not accept in time; the line's `targetId` and `reason` say whose and why.",
  },
  RecordsQuarantined: {
    unit: "Count",
    from: ["transform"],
    about:
      "Records that could not be transformed; the line's `table` says whose. Firehose keeps them under the error prefix.",
  },
  TimeToDetection: {
    unit: "Milliseconds",
    from: ["transform"],
    about:
      "From the camera's frame to the notification's arrival in Firehose; of the first 100 labels of a batch.",
  },
} as const satisfies Readonly<Record<string, Metric>>;

export type MetricName = keyof typeof METRICS;
