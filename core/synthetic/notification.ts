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
  readonly evidenceBucket: string;
}

/** On every generated notification, beside the camera's id: its processor's tags. */
const TAGS = { generated: "true" } as const;
/** Below it, engines say nothing (documented: Rekognition API, ConnectedHomeSettings, MinConfidence, default 50). */
const LEAST_CONFIDENCE = 50;
const MOST_CONFIDENCE = 99.9;

/** How sure the engine mostly is, how much that varies, and how large the object is in shares of the frame. */
const LOOKS = {
  PERSON: { confidence: 97, spread: 8, width: 0.16, height: 0.5 },
  PET: { confidence: 91, spread: 12, width: 0.14, height: 0.13 },
  PACKAGE: { confidence: 88, spread: 13, width: 0.1, height: 0.08 },
} as const;
const DARK_LOSS = 5;
const DOUBTFUL = { confidence: 60, spread: 7 } as const;

/** What a session publishes at a sight, or at its end, as Rekognition's notification. */
export function notification(
  session: SyntheticSession,
  what: { readonly sightings: readonly Sighting[] } | { readonly processedMs: number },
): object {
  const { camera, sessionId, startMs, random } = session;
  const { streamArn, streamName, maxDurationSeconds } = camera;
  const common = {
    eventId: random.id(),
    tags: TAGS,
    sessionId,
    startStreamProcessorRequest: {
      name: streamName,
      startSelector: { kvsStreamStartSelector: { producerTimestamp: startMs } },
      stopSelector: { maxDurationInSeconds: maxDurationSeconds },
    },
  };
  if ("processedMs" in what)
    return {
      inputInformation: { kinesisVideo: { streamArn, processedVideoDurationMillis: what.processedMs } },
      eventNamespace: { type: "STREAM_PROCESSING_COMPLETE" },
      streamProcessingResults: { message: "Stream processing completed." },
      ...common,
    };
  return {
    inputInformation: { kinesisVideo: { streamArn } },
    eventNamespace: { type: "LABEL_DETECTED" },
    labels: what.sightings.map((sighting) => labelOf(session, sighting)),
    ...common,
  };
}

function labelOf(
  { camera, sessionId, startMs, random, evidenceBucket }: SyntheticSession,
  sighting: Sighting,
) {
  const { label, afterMs } = sighting;
  const fragment = Math.floor(afterMs / FRAGMENT_MS);
  const producerTimestamp = startMs + fragment * FRAGMENT_MS;
  const image = `s3://${evidenceBucket}/labels/${camera.streamName}/${sessionId}/${startMs + afterMs}-${label.toLowerCase()}`;
  return {
    id: random.id(),
    name: label,
    ...(camera.hasConfidence && { confidence: confidenceOf(sighting, random) }),
    frameImageUri: `${image}-frame.jpg`,
    croppedImageUri: `${image}-crop.jpg`,
    videoMapping: {
      kinesisVideoMapping: {
        fragmentNumber: `91343852333181432${producerTimestamp}${String(camera.index).padStart(17, "0")}`,
        serverTimestamp: producerTimestamp + FRAGMENT_MS + random.whole(60, 600),
        producerTimestamp,
        frameOffsetMillis: afterMs - fragment * FRAGMENT_MS,
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
  const [wide, high] = [
    rounded(Math.min(0.9, random.longTailed(width, 0.35))),
    rounded(Math.min(0.95, random.longTailed(height, 0.3))),
  ];
  return {
    left: rounded((1 - wide) * random.share()),
    top: rounded((1 - high) * random.share()),
    width: Math.max(wide, 0.01),
    height: Math.max(high, 0.01),
  };
}

const rounded = (value: number): number => Math.round(value * 10_000) / 10_000;
