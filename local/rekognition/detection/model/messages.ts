import type { Box } from "../detector.ts";

/** Pixels for the model. */
export interface Look {
  readonly id: number;
  /** Rows from the top, 4 bytes a pixel. */
  readonly rgba: Uint8Array;
  /** In pixels. */
  readonly width: number;
  readonly height: number;
}

/** An object that the model has found. */
export interface ModelObject {
  /** Number of its class in the COCO data set, e.g. 1 for a person. */
  readonly classId: number;
  /** 0..1 */
  readonly score: number;
  readonly box: Box;
}

/** The worker's response to a {@link Look}. */
export type Seen =
  | { readonly id: number; readonly objects: readonly ModelObject[] }
  | { readonly id: number; readonly error: string };
