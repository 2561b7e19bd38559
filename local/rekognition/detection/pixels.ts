import { confirmedBy, labelled } from "./confirm.ts";
import type { Box, DetectedObject, Detector, Frame } from "./detector.ts";
import type { ModelObject } from "./model/messages.ts";
import { sharedArea } from "./model/overlap.ts";
import { stillRegions } from "./still-regions.ts";

/** A look takes 100 ms of a core. */
const LOOK_INTERVAL_MS = 400;
/** After a look that shows something for the first time: the next one confirms it. */
const SECOND_LOOK_INTERVAL_MS = 200;
/** A still region of which the model covers more than this is what the model says it is. */
const MAX_COVERED = 0.2;

/** Finds objects in a picture of any size. */
export type Look = (frame: Frame) => Promise<readonly ModelObject[]>;

/**
 * Detects persons and pets with the object model, and as PACKAGE what came, lies still and is nothing that the model
 * knows: no freely available model has a class for parcels, so that is a heuristic.
 */
export function pixels(look: Look): Detector {
  const still = stillRegions();
  let seen: readonly ModelObject[] = [];
  let nextLookMs = -Infinity;
  let lastLookMs = -Infinity;
  return {
    name: "object-model",
    async detect(frame) {
      const regions = still(frame);
      let labels: readonly DetectedObject[] = [];
      const atMs = frame.producerTimestampMs;
      if (atMs >= nextLookMs || atMs < lastLookMs) {
        const before = seen;
        seen = await look(frame);
        labels = confirmedBy(before, seen);
        const isConfirmed = labels.length === labelled(seen).length;
        lastLookMs = atMs;
        nextLookMs = atMs + (isConfirmed ? LOOK_INTERVAL_MS : SECOND_LOOK_INTERVAL_MS);
      }
      return [...labels, ...regions.filter(({ box }) => !isCovered(box, seen))];
    },
  };
}

const isCovered = (box: Box, objects: readonly ModelObject[]): boolean =>
  objects.some((object) => sharedArea(object.box, box) > MAX_COVERED * box.width * box.height);
