import type { Box } from "../../detection/detector.ts";
import type { Vector } from "../vectors.ts";

/** A face that the model has found. */
export interface ModelFace {
  /** 0..1 */
  readonly score: number;
  readonly box: Box;
  /** The 68 points of the iBUG annotation, in ratios of the picture: x and y in turn. */
  readonly points: readonly number[];
  /** dlib's descriptor. */
  readonly vector: Vector;
}
