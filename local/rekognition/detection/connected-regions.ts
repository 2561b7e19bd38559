/** A group of neighbouring cells of a grid; edges are inclusive cell numbers. */
export interface Region {
  left: number;
  top: number;
  right: number;
  bottom: number;
  /** How many cells differ. */
  cells: number;
  /** How much they differ on average. */
  meanDifference: number;
}

/** Cells at most this far apart are neighbours, so that a stripe of background colour does not cut a region. */
const REACH_CELLS = 2;

/**
 * Groups the cells whose difference is over the threshold into regions, ordered by their topmost cell.
 * @param differences row by row, `columns` cells a row
 */
export function connectedRegions(differences: Float32Array, columns: number, threshold: number): Region[] {
  const rows = differences.length / columns;
  const visited = new Uint8Array(differences.length);
  const regions: Region[] = [];
  for (let start = 0; start < differences.length; start++) {
    if (visited[start] || differences[start]! <= threshold) continue;
    visited[start] = 1;
    const waiting = [start];
    const region = { left: columns, top: rows, right: 0, bottom: 0, cells: 0, meanDifference: 0 };
    for (let cell = waiting.pop(); cell !== undefined; cell = waiting.pop()) {
      const x = cell % columns;
      const y = Math.floor(cell / columns);
      region.left = Math.min(region.left, x);
      region.right = Math.max(region.right, x);
      region.top = Math.min(region.top, y);
      region.bottom = Math.max(region.bottom, y);
      region.cells++;
      region.meanDifference += (differences[cell]! - region.meanDifference) / region.cells;
      for (let ny = Math.max(0, y - REACH_CELLS); ny <= Math.min(rows - 1, y + REACH_CELLS); ny++)
        for (let nx = Math.max(0, x - REACH_CELLS); nx <= Math.min(columns - 1, x + REACH_CELLS); nx++) {
          const neighbour = ny * columns + nx;
          if (visited[neighbour] || differences[neighbour]! <= threshold) continue;
          visited[neighbour] = 1;
          waiting.push(neighbour);
        }
    }
    regions.push(region);
  }
  return regions;
}
