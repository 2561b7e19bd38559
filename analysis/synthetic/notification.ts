import type { SyntheticCamera } from "./camera.ts";
import { FRAGMENT_MS } from "./motion.ts";
import type { SeededRandom } from "./random.ts";

/** A label's first detection in a session. */
export interface FirstDetection {
  readonly label: "PERSON" | "PET" | "PACKAGE";
  /** From the session's start to the frame. */
  readonly afterMs: number;
  readonly isDark: boolean;
  /** Set if the label is wrong and its confidence low. */
  readonly isDoubtful?: true;
}

export interface SyntheticSession {
  readonly camera: SyntheticCamera;
  readonly sessionId: string;
  readonly startMs: number;
  readonly random: SeededRandom;
  /** Prefix of its image URIs. */
  readonly images: string;
}

/** Tags of the processor, on every synthetic notification. */
const TAGS = { generated: "true" } as const;
/** Engines report nothing below it (documented: Rekognition API, ConnectedHomeSettings, MinConfidence, default 50). */
const MIN_CONFIDENCE = 50;
const MAX_CONFIDENCE = 99.9;

/**
 * By label: typical confidence and its spread, typical size as shares of the frame, and the suffix of image URIs.
 */
const TYPICAL = {
  PERSON: { confidence: 97, spread: 8, width: 0.16, height: 0.5, suffix: "-person" },
  PET: { confidence: 91, spread: 12, width: 0.14, height: 0.13, suffix: "-pet" },
  PACKAGE: { confidence: 88, spread: 13, width: 0.1, height: 0.08, suffix: "-package" },
} as const;
const DARK_LOSS = 5;
const DOUBTFUL = { confidence: 60, spread: 7 } as const;

/** Rekognition's notification of the first detections in one frame. */
export function detection(session: SyntheticSession, found: readonly FirstDetection[]): object {
  return {
    eventId: session.random.id(),
    inputInformation: { kinesisVideo: { streamArn: session.camera.streamArn } },
    eventNamespace: { type: "LABEL_DETECTED" },
    sessionId: session.sessionId,
    labels: found.map((one) => labelOf(session, one)),
    startStreamProcessorRequest: startRequestOf(session),
    tags: TAGS,
  };
}

/** Rekognition's completion notification. */
export function completion(session: SyntheticSession, processedVideoDurationMillis: number): object {
  return {
    eventId: session.random.id(),
    inputInformation: {
      kinesisVideo: { streamArn: session.camera.streamArn, processedVideoDurationMillis },
    },
    eventNamespace: { type: "STREAM_PROCESSING_COMPLETE" },
    sessionId: session.sessionId,
    streamProcessingResults: { message: "Stream processing completed." },
    startStreamProcessorRequest: startRequestOf(session),
    tags: TAGS,
  };
}

const startRequestOf = ({ camera, startMs }: SyntheticSession) => ({
  name: camera.streamName,
  startSelector: { kvsStreamStartSelector: { producerTimestamp: startMs } },
  stopSelector: { maxDurationInSeconds: camera.maxDurationSeconds },
});

function labelOf(session: SyntheticSession, found: FirstDetection) {
  const { camera, startMs, random } = session;
  const { label, afterMs } = found;
  const offsetMs = afterMs % FRAGMENT_MS;
  const producerTimestamp = startMs + afterMs - offsetMs;
  const image = `${session.images}${startMs + afterMs}${TYPICAL[label].suffix}`;
  return {
    id: random.id(),
    name: label,
    confidence: camera.hasConfidence ? confidenceOf(found, random) : undefined,
    frameImageUri: `${image}-frame.jpg`,
    croppedImageUri: `${image}-crop.jpg`,
    videoMapping: {
      kinesisVideoMapping: {
        fragmentNumber: `91343852333181432${producerTimestamp}${camera.fragmentEnding}`,
        serverTimestamp: producerTimestamp + FRAGMENT_MS + random.whole(60, 600),
        producerTimestamp,
        frameOffsetMillis: offsetMs,
      },
    },
    boundingBox: boxOf(label, random),
  };
}

function confidenceOf({ label, isDark, isDoubtful }: FirstDetection, random: SeededRandom): number {
  const { confidence, spread } = isDoubtful ? DOUBTFUL : TYPICAL[label];
  const likely = confidence - Math.abs(random.normal()) * spread - (isDark ? DARK_LOSS : 0);
  return rounded(Math.min(MAX_CONFIDENCE, Math.max(MIN_CONFIDENCE, likely + random.share() * 3)));
}

function boxOf(label: FirstDetection["label"], random: SeededRandom) {
  const { width, height } = TYPICAL[label];
  const wide = rounded(Math.min(0.9, random.longTailed(width, 0.35)));
  const high = rounded(Math.min(0.95, random.longTailed(height, 0.3)));
  return {
    left: rounded((1 - wide) * random.share()),
    top: rounded((1 - high) * random.share()),
    width: Math.max(wide, 0.01),
    height: Math.max(high, 0.01),
  };
}

const rounded = (value: number): number => Math.round(value * 10_000) / 10_000;
