import type { Box, DetectedObject, Frame } from "./detector.ts";
import { connectedRegions, type Region } from "./connected-regions.ts";

/** Width of the grid of grey cells that a frame is reduced to; the cells are square. */
const GRID_WIDTH = 160;
/** Weight of a new frame in the background's running average: high where the frame is like it, low where it differs. */
const CALM_RATE = 0.1;
const BUSY_RATE = 0.01;
/** Smallest difference from the background, in grey levels, that is not noise. */
const MIN_CONTRAST = 16;
/** The same in standard deviations of this frame's noise. */
const MIN_CONTRAST_SIGMAS = 6;
/** Smallest region, as a share of the frame. */
const MIN_AREA = 0.002;
/** Largest region: what covers more is no parcel. */
const MAX_AREA = 0.15;
/** Consecutive frames in which a region must keep its edges to be reported: 3 seconds. */
const STILL_FRAMES = 15;
/** Cells that an edge may move in these frames. */
const STILL_CELLS = 1;
/** Confidence of a region at the threshold, and the limit for one of high contrast. */
const MIN_CONFIDENCE = 50;
const MAX_CONFIDENCE = 99;

/** A region, the edges that it has kept, and for how many frames. */
interface Track {
  readonly region: Region;
  readonly stillRegion: Region;
  readonly stillFrames: number;
}

/**
 * Detects as PACKAGE what appeared in front of a still background and lies still. A heuristic: it does not recognise
 * objects, and its confidence is contrast. The background is a running average; a change of light that all cells share is
 * subtracted first.
 */
export function stillRegions(): (frame: Frame) => DetectedObject[] {
  let background: Float32Array | undefined;
  let tracks: readonly Track[] = [];
  return (frame) => {
    const { grey, columns, rows } = toGrid(frame);
    if (!background || background.length !== grey.length) {
      background = grey;
      tracks = [];
      return [];
    }
    const { differences, threshold } = compare(grey, background);
    const regions = connectedRegions(differences, columns, threshold);
    tracks = regions
      .filter(({ cells }) => cells >= MIN_AREA * grey.length)
      .map((region) => follow(region, tracks));
    adapt(background, grey, differences, threshold);
    return tracks.flatMap(({ region, stillFrames }) => {
      const box = boxOf(region, columns, rows);
      if (stillFrames < STILL_FRAMES || box.width * box.height > MAX_AREA) return [];
      const strength = 1 - threshold / region.meanDifference;
      return [
        { label: "PACKAGE", confidence: MIN_CONFIDENCE + (MAX_CONFIDENCE - MIN_CONFIDENCE) * strength, box },
      ];
    });
  };
}

/** A frame as square cells of average grey, 0..255. Cells cut by the right or bottom edge average the pixels they have. */
export function toGrid({ rgba, width, height }: Frame): {
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

/** Each cell's difference from the background, less the change that all cells share. */
function compare(grey: Float32Array, background: Float32Array) {
  const changes = grey.map((value, cell) => value - background[cell]!);
  const commonChange = median(changes);
  const differences = changes.map((change) => Math.abs(change - commonChange));
  // 1.4826 times the median of absolute differences is the standard deviation of Gaussian noise.
  const noiseSigma = 1.4826 * median(differences);
  return { differences, threshold: Math.max(MIN_CONTRAST, MIN_CONTRAST_SIGMAS * noiseSigma) };
}

function median(values: Float32Array): number {
  return values.toSorted()[values.length >> 1] ?? 0;
}

function follow(region: Region, before: readonly Track[]): Track {
  const same = before.find((other) => overlaps(other.region, region));
  return same && keepsEdges(same.stillRegion, region)
    ? { region, stillRegion: same.stillRegion, stillFrames: same.stillFrames + 1 }
    : { region, stillRegion: region, stillFrames: 1 };
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
