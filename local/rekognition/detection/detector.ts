/** The classes that a label stream processor detects (documented: ConnectedHomeSettings), in the order of a notification. */
export const LABEL_NAMES = ["PERSON", "PET", "PACKAGE"] as const;
export type LabelName = (typeof LABEL_NAMES)[number];

/** A box in ratios of the frame: 0 is its left or top edge, 1 its right or bottom one. */
export interface Box {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/** One decoded frame of a fragment. */
export interface Frame {
  /** Rows from the top, 4 bytes a pixel. */
  readonly rgba: Uint8Array;
  /** In pixels. */
  readonly width: number;
  readonly height: number;
  /** From the first frame of its fragment. */
  readonly offsetMs: number;
  /** When the camera recorded it, in epoch ms. */
  readonly producerTimestampMs: number;
}

/** One object in one frame. */
export interface DetectedObject {
  readonly label: LabelName;
  /** 0..100 */
  readonly confidence: number;
  readonly box: Box;
}

/**
 * Detects objects in the frames of one session, given in order. A session uses the labels file of the clip
 * (`groundTruth`) or, without one, the pixels (`pixels`): an object model and, for packages, a heuristic.
 */
export interface Detector {
  /** Where its objects come from, on every notification: no label may pass for Rekognition's. */
  readonly name: "labels-file" | "object-model" | "none";
  /** @throws Error when the model fails */
  detect(frame: Frame): Promise<readonly DetectedObject[]>;
}
