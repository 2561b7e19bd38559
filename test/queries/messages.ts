import type { AlertDecision } from "../../schemas/alert-decision.ts";
import type { Face } from "../../schemas/face.ts";
import type { Message } from "./lake.ts";

/** A session in tests; notifications repeat its start and length. */
export interface SessionFacts {
  readonly id: string;
  readonly camera: string;
  /** Where its video begins, ISO 8601; undefined if the engine does not report it. */
  readonly from: string | undefined;
  readonly maxSeconds?: number;
  /** Set for a session of the engine `frames`: what it sampled, in milliseconds. */
  readonly sampled?: { readonly samples: number; readonly longestGapMs: number };
}

const engineOf = ({ sampled }: SessionFacts) => sampled && { engine: "frames" };

const streamArn = (camera: string): string =>
  `arn:aws:kinesisvideo:us-east-1:000000000000:stream/doorstep-dev-camera-${camera}/1763700000000`;

const startRequest = ({ from, maxSeconds = 30 }: SessionFacts) =>
  from === undefined
    ? {}
    : {
        startSelector: { kvsStreamStartSelector: { producerTimestamp: Date.parse(from) } },
        stopSelector: { maxDurationInSeconds: maxSeconds },
      };

/** One label of a notification. */
export interface Seen {
  readonly label: "PERSON" | "PET" | "PACKAGE";
  /** When the frame was taken, ISO 8601. */
  readonly at: string;
  readonly confidence?: number;
}

/** A notification of labels; a label's id is the notification's id and its index. */
export const detected = (
  eventId: string,
  session: SessionFacts,
  seen: readonly Seen[],
  receivedAt: string,
): Message => ({
  receivedAt,
  body: {
    eventNamespace: { type: "LABEL_DETECTED" },
    inputInformation: { kinesisVideo: { streamArn: streamArn(session.camera) } },
    eventId,
    sessionId: session.id,
    tags: {},
    ...engineOf(session),
    startStreamProcessorRequest: startRequest(session),
    labels: seen.map(({ label, at, confidence }, index) => ({
      id: `${eventId}-${index}`,
      name: label,
      confidence: confidence ?? null,
      frameImageUri: `s3://evidence/${session.camera}/${session.id}/${eventId}.jpg`,
      croppedImageUri: `s3://evidence/${session.camera}/${session.id}/${eventId}-${index}.jpg`,
      videoMapping: {
        kinesisVideoMapping: {
          fragmentNumber: String(Date.parse(at)),
          serverTimestamp: Date.parse(at) + 500,
          producerTimestamp: Date.parse(at),
          frameOffsetMillis: 0,
        },
      },
      boundingBox: { left: 0.1, top: 0.2, width: 0.3, height: 0.4 },
    })),
  },
});

/** The engine's completion notification. */
export const completed = (session: SessionFacts, processedMs: number, receivedAt: string): Message => ({
  receivedAt,
  body: {
    eventNamespace: { type: "STREAM_PROCESSING_COMPLETE" },
    inputInformation: {
      kinesisVideo: { streamArn: streamArn(session.camera), processedVideoDurationMillis: processedMs },
    },
    streamProcessingResults: { message: "Stream processing completed." },
    eventId: `${session.id}-end`,
    tags: {},
    ...engineOf(session),
    ...(session.sampled && {
      frameSampling: {
        samples: session.sampled.samples,
        longestGapMillis: session.sampled.longestGapMs,
        analysed: [],
        gaps: [],
      },
    }),
    sessionId: session.id,
    startStreamProcessorRequest: startRequest(session),
  },
});

/** An entry of the coverage ledger: of a session (by default its chain's first), or of a gap if it names none. */
export const entered = (
  outcome: "completed" | "failed" | "lost" | "gap",
  interval: {
    readonly camera: string;
    readonly from: string;
    readonly until: string;
    readonly session?: string;
    readonly reason?: string;
    readonly maxSeconds?: number;
    /** Where its chain's first session began. */
    readonly chain?: string;
    /** Where the session was to begin, if not at `from`. */
    readonly start?: string;
    readonly processedMs?: number;
    readonly engine?: "frames" | "stream-processor";
    readonly sampled?: SessionFacts["sampled"];
  },
  receivedAt: string,
): Message => ({
  receivedAt,
  body: {
    type: "COVERAGE",
    eventId: `${interval.camera}/${interval.from}/${outcome}`,
    cameraId: interval.camera,
    outcome,
    ...(interval.reason !== undefined && { reason: interval.reason }),
    ...(interval.session !== undefined && { sessionId: interval.session }),
    ...(interval.maxSeconds !== undefined && { maxDurationSeconds: interval.maxSeconds }),
    ...(outcome !== "gap" && { chainFromMs: Date.parse(interval.chain ?? interval.from) }),
    ...(interval.start !== undefined && { startMs: Date.parse(interval.start) }),
    ...(interval.processedMs !== undefined && { processedMs: interval.processedMs }),
    ...(interval.engine !== undefined && { engine: interval.engine }),
    ...interval.sampled,
    fromMs: Date.parse(interval.from),
    untilMs: Date.parse(interval.until),
  },
});

/** A decision about one label of a notification. */
export const decided = (
  detection: {
    /** The notification's id, and the label's index. */
    readonly of: readonly [eventId: string, label: number];
    readonly camera: string;
    readonly session: string;
    readonly label: Seen["label"];
    readonly confidence?: number;
    readonly at: string;
    readonly decidedAt: string;
  },
  outcome: Pick<AlertDecision, "decision" | "reason" | "ruleId" | "severity" | "alertId" | "revision">,
  receivedAt: string,
): Message => {
  const [eventId, label] = detection.of;
  const body: AlertDecision = {
    type: "ALERT_DECISION",
    eventId,
    labelId: `${eventId}-${label}`,
    cameraId: detection.camera,
    sessionId: detection.session,
    label: detection.label,
    confidence: detection.confidence ?? null,
    detectedAtMs: Date.parse(detection.at),
    decidedAtMs: Date.parse(detection.decidedAt),
    ...outcome,
  };
  return { receivedAt, body };
};

/** A person's id in tests. */
export const personOf = (no: number): string => `person-${String(no).padStart(20, "0")}`;

/**
 * A face at a camera: an enrolled person's with its similarity, or an unknown one.
 * @param at when the image was taken, ISO 8601
 */
export const seen = (
  camera: string,
  at: string,
  face: Pick<Face, "personId" | "similarity" | "unsearchedReason"> & Partial<Pick<Face, "faceNo" | "engine">>,
  receivedAt: string,
): Message => {
  const body: Face = {
    type: "FACE",
    cameraId: camera,
    streamName: `doorstep-dev-camera-${camera}`,
    streamArn: streamArn(camera),
    engine: "frames",
    fragmentNumber: String(Date.parse(at)),
    seenAtMs: Date.parse(at),
    faceNo: 0,
    confidence: 99.5,
    box: { left: 0.4, top: 0.2, width: 0.1, height: 0.2 },
    collectionId: "doorstep-dev-faces",
    matches: face.personId === undefined ? 0 : 1,
    ...face,
  };
  return { receivedAt, body };
};
