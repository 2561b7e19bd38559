import type { Box } from "../detection/detector.ts";
import type { Vector } from "./vectors.ts";

/** In ratios of the picture. */
export interface Landmark {
  readonly type: "eyeLeft" | "eyeRight" | "mouthLeft" | "mouthRight" | "nose";
  readonly x: number;
  readonly y: number;
}

/** In degrees: 0 looks into the camera. */
export interface Pose {
  /** Negative looks down. */
  readonly pitch: number;
  readonly roll: number;
  readonly yaw: number;
}

/** 0..100 */
export interface Quality {
  readonly brightness: number;
  readonly sharpness: number;
}

/** A face in a picture, wherever it is known from. */
export interface FoundFace {
  readonly box: Box;
  /** The shorter side of its box, in pixels. */
  readonly sidePixels: number;
  /** That it is a face, 0..100. */
  readonly confidence: number;
  readonly landmarks: readonly Landmark[];
  readonly pose: Pose;
  readonly quality: Quality;
  /** Who it is: by the model's vector, or by the name that the ground truth has. */
  readonly identity: { readonly vector: Vector } | { readonly person: string };
}

export const boundingBox = ({ left, top, width, height }: Box) => ({
  Width: width,
  Height: height,
  Left: left,
  Top: top,
});

/** The default attributes of a face (documented: FaceDetail). */
export const faceDetail = ({ box, confidence, landmarks, pose, quality }: FoundFace) => ({
  BoundingBox: boundingBox(box),
  Landmarks: landmarks.map(({ type, x, y }) => ({ Type: type, X: x, Y: y })),
  Pose: { Roll: pose.roll, Yaw: pose.yaw, Pitch: pose.pitch },
  Quality: { Brightness: quality.brightness, Sharpness: quality.sharpness },
  Confidence: confidence,
});
export type FaceDetail = ReturnType<typeof faceDetail>;

const areaOf = ({ box }: FoundFace): number => box.width * box.height;

/** Largest first. */
export const bySize = (faces: readonly FoundFace[]): FoundFace[] =>
  faces.toSorted((a, b) => areaOf(b) - areaOf(a));
