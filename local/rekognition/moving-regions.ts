import type { Box, DetectedObject, Detector, Frame, LabelName } from "./detector.ts";
import { connectedRegions, type Region } from "./connected-regions.ts";

/** Width of the grid of grey cells that a frame is reduced to; the cells are square. */
const GRID_WIDTH = 160;
/** Share of a new frame that the background takes over: fast where the picture is calm, slow where it differs. */
const CALM_RATE = 0.1;
const BUSY_RATE = 0.01;
/** Smallest difference from the background, in grey levels, that is more than noise. */
const MIN_CONTRAST = 16;
/** The same in standard deviations of the noise that this frame shows. */
const MIN_CONTRAST_SIGMAS = 6;
/** Smallest region, as a share of the frame. */
const MIN_AREA = 0.002;
/** Frames in a row in which a region must be found before it counts. */
const MIN_FRAMES = 2;
/** Frames in a row in which a region must keep its edges to be something that was put down. */
const STILL_FRAMES = 10;
/** Cells that an edge may waver in these frames. */
const STILL_CELLS = 1;
/** Confidence of a region that is barely there, and the limit for one in stark contrast. */
const LEAST_CONFIDENCE = 50;
const MOST_CONFIDENCE = 99;

/** A region that was followed over frames. */
interface Followed {
  readonly region: Region;
  readonly frames: number;
  /** Where it has kept its edges, and for how many frames. */
  readonly still: { readonly region: Region; readonly frames: number };
  /** Its shape decides once, so that an object that turns or bends stays what it was. */
  readonly shape: LabelName;
}

/**
 * Finds what moves in front of a still background and names it by its shape: taller than wide is a PERSON, else a
 * PET; what has come and lies still is a PACKAGE. A stand-in for videos without labels: it cannot see what a thing is, and its confidence is contrast.
 * The background is a running average; even changes of light are subtracted before comparing.
 */
export function movingRegions(): Detector {
  let background: Float32Array | undefined;
  let followed: readonly Followed[] = [];
  return {
    detect(frame) {
      const { grey, columns, rows } = reduce(frame);
      if (!background || background.length !== grey.length) {
        background = grey;
        followed = [];
        return [];
      }
      const { differences, threshold } = compare(grey, background);
      const regions = connectedRegions(differences, columns, threshold);
      followed = regions
        .filter(({ cells }) => cells >= MIN_AREA * grey.length)
        .map((region) => follow(region, followed));
      adapt(background, grey, differences, threshold);
      return followed
        .filter(({ frames }) => frames >= MIN_FRAMES)
        .map(({ region, shape, still }): DetectedObject => {
          const label = still.frames >= STILL_FRAMES ? "PACKAGE" : shape;
          const strength = 1 - threshold / region.meanDifference;
          const confidence = LEAST_CONFIDENCE + (MOST_CONFIDENCE - LEAST_CONFIDENCE) * strength;
          return { label, confidence, box: boxOf(region, columns, rows) };
        });
    },
  };
}

/** A frame as square cells of average grey, 0..255. Cells cut by the right or bottom edge average what they have. */
export function reduce({ rgba, width, height }: Frame): {
  grey: Float32Array;
  columns: number;
  rows: number;
} {
  const columns = Math.min(GRID_WIDTH, width);
  const rows = Math.max(1, Math.round((height * columns) / width));
  const sums = new Float32Array(columns * rows);
  const counts = new Uint32Array(columns * rows);
  for (let y = 0; y < height; y++) {
    const row = Math.floor((y * rows) / height) * columns;
    for (let x = 0; x < width; x++) {
      const pixel = (y * width + x) * 4;
      const cell = row + Math.floor((x * columns) / width);
      sums[cell]! += 0.299 * rgba[pixel]! + 0.587 * rgba[pixel + 1]! + 0.114 * rgba[pixel + 2]!;
      counts[cell]!++;
    }
  }
  return { grey: sums.map((sum, cell) => sum / counts[cell]!), columns, rows };
}

/** How far each cell is from the background once the change that all cells share is taken off. */
function compare(grey: Float32Array, background: Float32Array) {
  const changes = grey.map((value, cell) => value - background[cell]!);
  const commonChange = median(changes);
  const differences = changes.map((change) => Math.abs(change - commonChange));
  // 1.4826 makes the median of absolute differences a standard deviation, if the noise is Gaussian.
  const noiseSigma = 1.4826 * median(differences);
  return { differences, threshold: Math.max(MIN_CONTRAST, MIN_CONTRAST_SIGMAS * noiseSigma) };
}

function median(values: Float32Array): number {
  return values.toSorted()[values.length >> 1] ?? 0;
}

function follow(region: Region, before: readonly Followed[]): Followed {
  const same = before.find((other) => overlaps(other.region, region));
  const isKnown = same !== undefined && same.frames >= MIN_FRAMES;
  const isStill = same !== undefined && keepsEdges(same.still.region, region);
  return {
    region,
    frames: (same?.frames ?? 0) + 1,
    still: isStill ? { ...same.still, frames: same.still.frames + 1 } : { region, frames: 1 },
    shape: isKnown ? same.shape : region.bottom - region.top > region.right - region.left ? "PERSON" : "PET",
  };
}

const keepsEdges = (a: Region, b: Region): boolean =>
  (["left", "top", "right", "bottom"] as const).every((edge) => Math.abs(a[edge] - b[edge]) <= STILL_CELLS);

const overlaps = (a: Region, b: Region): boolean =>
  a.left <= b.right && b.left <= a.right && a.top <= b.bottom && b.top <= a.bottom;

function adapt(
  background: Float32Array,
  grey: Float32Array,
  differences: Float32Array,
  threshold: number,
): void {
  for (let cell = 0; cell < grey.length; cell++) {
    const rate = differences[cell]! > threshold ? BUSY_RATE : CALM_RATE;
    background[cell]! += rate * (grey[cell]! - background[cell]!);
  }
}

const boxOf = ({ left, top, right, bottom }: Region, columns: number, rows: number): Box => ({
  left: left / columns,
  top: top / rows,
  width: (right - left + 1) / columns,
  height: (bottom - top + 1) / rows,
});
