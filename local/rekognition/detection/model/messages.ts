import type { Box } from "../detector.ts";

/** Pixels for a model. */
export interface Picture {
  /** Rows from the top, 4 bytes a pixel. */
  readonly rgba: Uint8Array;
  /** In pixels. */
  readonly width: number;
  readonly height: number;
}

/** A picture for a model in a worker. */
export interface Look extends Picture {
  readonly id: number;
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
export type Seen<Found> =
  { readonly id: number; readonly found: readonly Found[] } | { readonly id: number; readonly error: string };

/** A network that finds something in a picture. */
export type Network<Found> = (picture: Picture) => Promise<Found[]>;
