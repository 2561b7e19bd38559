import type { Landmark, Pose } from "./found-face.ts";

/** Points of the iBUG annotation: the first and the one after the last of each part. */
const RIGHT_EYE = [36, 42] as const;
const LEFT_EYE = [42, 48] as const;
const NOSE_TIP = [30, 31] as const;
const MOUTH_CORNERS = [48, 54] as const;
/** Distance of nose and eyes by that of mouth and eyes, for a face that looks into the camera. */
const LEVEL_NOSE = 0.6;

interface Point {
  readonly x: number;
  readonly y: number;
}

/**
 * The documented landmarks, from the model's 68 points. Rekognition names sides as the picture shows them: `eyeLeft` is on the left
 * (observed in AWS's example responses).
 */
export function landmarksOf(points: readonly number[]): Landmark[] {
  const middle = ([from, until]: readonly [number, number]): Point => {
    const part = Array.from({ length: until - from }, (_, index) => pointAt(points, from + index));
    return {
      x: part.reduce((sum, { x }) => sum + x, 0) / part.length,
      y: part.reduce((sum, { y }) => sum + y, 0) / part.length,
    };
  };
  return [
    { type: "eyeLeft", ...middle(RIGHT_EYE) },
    { type: "eyeRight", ...middle(LEFT_EYE) },
    { type: "mouthLeft", ...pointAt(points, MOUTH_CORNERS[0]) },
    { type: "mouthRight", ...pointAt(points, MOUTH_CORNERS[1]) },
    { type: "nose", ...middle(NOSE_TIP) },
  ];
}

const pointAt = (points: readonly number[], index: number): Point => ({
  x: points[index * 2]!,
  y: points[index * 2 + 1]!,
});

/**
 * An estimate of where the face looks, from its five landmarks: the roll by the eyes, yaw and pitch by how far the nose is
 * from the middle of eyes and mouth. Not more than that: a head is no plane.
 * @param aspect width of the picture by its height
 */
export function poseOf(landmarks: readonly Landmark[], aspect: number): Pose {
  const at = (type: Landmark["type"]): Point => {
    const { x, y } = landmarks.find((landmark) => landmark.type === type)!;
    return { x: x * aspect, y };
  };
  const [left, right, nose] = [at("eyeLeft"), at("eyeRight"), at("nose")];
  const eyes = between(left, right);
  const mouth = between(at("mouthLeft"), at("mouthRight"));
  const roll = Math.atan2(right.y - left.y, right.x - left.x);
  // Everything below is turned upright, around the middle of the eyes.
  const upright = ({ x, y }: Point): Point => ({
    x: (x - eyes.x) * Math.cos(roll) + (y - eyes.y) * Math.sin(roll),
    y: (y - eyes.y) * Math.cos(roll) - (x - eyes.x) * Math.sin(roll),
  });
  const [tip, lips] = [upright(nose), upright(mouth)];
  const eyeDistance = Math.hypot(right.x - left.x, right.y - left.y) || 1;
  const height = Math.abs(lips.y) || 1;
  return {
    pitch: degrees(Math.asin(clamp((LEVEL_NOSE - tip.y / height) * 2))),
    roll: degrees(roll),
    yaw: degrees(Math.asin(clamp((tip.x - lips.x / 2) / (eyeDistance / 2)))),
  };
}

const between = (a: Point, b: Point): Point => ({ x: (a.x + b.x) / 2, y: (a.y + b.y) / 2 });
const degrees = (radians: number): number => (radians * 180) / Math.PI;
const clamp = (value: number): number => Math.min(1, Math.max(-1, value));

/** Landmarks of a face that looks into the camera, where only its box is known. */
export const typicalLandmarks = (box: {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}): Landmark[] => {
  const at = (type: Landmark["type"], x: number, y: number): Landmark => ({
    type,
    x: box.left + x * box.width,
    y: box.top + y * box.height,
  });
  return [
    at("eyeLeft", 0.3, 0.35),
    at("eyeRight", 0.7, 0.35),
    at("mouthLeft", 0.35, 0.75),
    at("mouthRight", 0.65, 0.75),
    at("nose", 0.5, 0.59),
  ];
};
