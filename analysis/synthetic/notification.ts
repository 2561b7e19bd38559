import type { SyntheticCamera } from "./camera.ts";
import { FRAGMENT_MS } from "./motion.ts";
import type { Random } from "./random.ts";

/** A label at first sight. */
export interface Sighting {
  readonly label: "PERSON" | "PET" | "PACKAGE";
  /** From the session's start to the frame. */
  readonly afterMs: number;
  readonly isDark: boolean;
  /** Set where the label is wrong and the engine not sure. */
  readonly isDoubtful?: true;
}

export interface SyntheticSession {
  readonly camera: SyntheticCamera;
  readonly sessionId: string;
  readonly startMs: number;
  readonly random: Random;
  /** What the addresses of its pictures begin with. */
  readonly images: string;
}

/** On every generated notification, beside the camera's id: its processor's tags. */
const TAGS = { generated: "true" } as const;
/** Below it, engines say nothing (documented: Rekognition API, ConnectedHomeSettings, MinConfidence, default 50). */
const LEAST_CONFIDENCE = 50;
const MOST_CONFIDENCE = 99.9;

/**
 * How sure the engine mostly is, how much that varies, how large the object is in shares of the frame, and how its
 * pictures' addresses end.
 */
const LOOKS = {
  PERSON: { confidence: 97, spread: 8, width: 0.16, height: 0.5, picture: "-person" },
  PET: { confidence: 91, spread: 12, width: 0.14, height: 0.13, picture: "-pet" },
  PACKAGE: { confidence: 88, spread: 13, width: 0.1, height: 0.08, picture: "-package" },
} as const;
const DARK_LOSS = 5;
const DOUBTFUL = { confidence: 60, spread: 7 } as const;

/** What a session publishes at sights in one frame, as Rekognition's notification. */
export function detection(session: SyntheticSession, sightings: readonly Sighting[]): object {
  return {
    eventId: session.random.id(),
    inputInformation: { kinesisVideo: { streamArn: session.camera.streamArn } },
    eventNamespace: { type: "LABEL_DETECTED" },
    sessionId: session.sessionId,
    labels: sightings.map((sighting) => labelOf(session, sighting)),
    startStreamProcessorRequest: startRequestOf(session),
    tags: TAGS,
  };
}

/** What a session publishes at its end. */
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

function labelOf(session: SyntheticSession, sighting: Sighting) {
  const { camera, startMs, random } = session;
  const { label, afterMs } = sighting;
  const offsetMs = afterMs % FRAGMENT_MS;
  const producerTimestamp = startMs + afterMs - offsetMs;
  const image = `${session.images}${startMs + afterMs}${LOOKS[label].picture}`;
  return {
    id: random.id(),
    name: label,
    confidence: camera.hasConfidence ? confidenceOf(sighting, random) : undefined,
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

function confidenceOf({ label, isDark, isDoubtful }: Sighting, random: Random): number {
  const { confidence, spread } = isDoubtful ? DOUBTFUL : LOOKS[label];
  const likely = confidence - Math.abs(random.normal()) * spread - (isDark ? DARK_LOSS : 0);
  return rounded(Math.min(MOST_CONFIDENCE, Math.max(LEAST_CONFIDENCE, likely + random.share() * 3)));
}

function boxOf(label: Sighting["label"], random: Random) {
  const { width, height } = LOOKS[label];
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
