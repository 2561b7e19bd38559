import { DEFAULT_CONFIDENCE, type RegionOfInterest } from "../../schemas/camera.ts";
import { LABEL_MAPPING } from "../../schemas/label-mapping.ts";
import type { Box, FoundLabel, NamedLabel } from "./parts.ts";

/** A camera's labels, each with its minimum confidence, 0 to 100. */
type Wanted = Readonly<Partial<Record<string, number>>>;

const WHOLE_FRAME: Box = { left: 0, top: 0, width: 1, height: 1 };

/** What is wanted of DetectLabels: the camera's labels and, if it searches faces, persons whatever its labels are. */
export const withPersons = (labels: Wanted, faces: boolean): Wanted =>
  faces ? { PERSON: DEFAULT_CONFIDENCE, ...labels } : labels;

/** The names of Rekognition's list to detect for a camera's labels, each once. */
export const namesOf = (labels: Wanted): string[] => [
  ...new Set(Object.keys(labels).flatMap((label) => mappingOf(label).names)),
];

/** The lowest of a camera's minimum confidences: Rekognition need not return what is below it. */
export const lowestConfidence = (labels: Wanted): number =>
  Math.min(100, ...Object.values(labels).filter((one) => one !== undefined));

/**
 * Which of a camera's labels an image shows, in the camera's order. A label's detection is the instance with the highest
 * confidence, of any of its names, that reaches the camera's minimum and whose box has its centre in a region of interest.
 * Names without instances count with their own confidence and the whole frame as their box, where the mapping accepts
 * that and there are no regions. A label that is no label of the mapping is the name of Rekognition's list itself.
 */
export function foundLabels(
  found: readonly NamedLabel[],
  camera: { readonly labels: Wanted; readonly regionsOfInterest: readonly RegionOfInterest[] },
): FoundLabel[] {
  const { regionsOfInterest: regions } = camera;
  return Object.entries(camera.labels).flatMap(([label, minConfidence = 0]) => {
    const { names, isWholeFrameAccepted } = mappingOf(label);
    const named = found.filter(({ name }) => names.includes(name));
    const isConfident = ({ confidence }: { readonly confidence: number }) => confidence >= minConfidence;
    const instance = best(
      named
        .flatMap(({ instances }) => instances)
        .filter((one) => isConfident(one) && isOfInterest(one.box, regions)),
    );
    if (instance) return [{ label, confidence: instance.confidence, box: instance.box }];
    if (!isWholeFrameAccepted || regions.length > 0) return [];
    const whole = best(named.filter((one) => one.instances.length === 0 && isConfident(one)));
    return whole
      ? [{ label, confidence: whole.confidence, box: WHOLE_FRAME, isWholeFrame: true as const }]
      : [];
  });
}

/**
 * The boxes of the persons in an image, largest first: those that would be detected as PERSON, whether that is among the
 * camera's labels or not. Where a camera has regions of interest, no face outside of them is searched.
 */
export function personBoxes(
  found: readonly NamedLabel[],
  camera: { readonly labels: Wanted; readonly regionsOfInterest: readonly RegionOfInterest[] },
): Box[] {
  const { PERSON: minConfidence = 0 } = withPersons(camera.labels, true);
  return found
    .filter(({ name }) => mappingOf("PERSON").names.includes(name))
    .flatMap(({ instances }) => instances)
    .filter(
      ({ confidence, box }) => confidence >= minConfidence && isOfInterest(box, camera.regionsOfInterest),
    )
    .map(({ box }) => box)
    .toSorted((a, b) => b.width * b.height - a.width * a.height);
}

const mappings = new Map(Object.entries(LABEL_MAPPING));

function mappingOf(label: string): {
  readonly names: readonly string[];
  readonly isWholeFrameAccepted: boolean;
} {
  const mapping = mappings.get(label);
  return mapping
    ? { ...mapping, names: mapping.names.map(({ name }) => name) }
    : { names: [label], isWholeFrameAccepted: true };
}

/** The one with the highest confidence; of equals the first. */
const best = <T extends { readonly confidence: number }>(all: readonly T[]): T | undefined =>
  all.toSorted((a, b) => b.confidence - a.confidence)[0];

/** Whether the centre of a box lies in one of the regions, its edge included; anywhere if there are none. */
function isOfInterest({ left, top, width, height }: Box, regions: readonly RegionOfInterest[]): boolean {
  const [x, y] = [left + width / 2, top + height / 2];
  return (
    regions.length === 0 ||
    regions.some((region) => {
      if ("polygon" in region) return isInside(x, y, region.polygon);
      const { box } = region;
      return x >= box.left && x <= box.left + box.width && y >= box.top && y <= box.top + box.height;
    })
  );
}

/** Whether a ray from the point crosses the polygon's edges an odd number of times. */
function isInside(
  x: number,
  y: number,
  polygon: readonly { readonly x: number; readonly y: number }[],
): boolean {
  let inside = false;
  polygon.forEach((to, index) => {
    const from = polygon.at(index - 1)!;
    if (from.y > y !== to.y > y && x < from.x + ((to.x - from.x) * (y - from.y)) / (to.y - from.y))
      inside = !inside;
  });
  return inside;
}
