import { aboveClusters, children, elementId, MatroskaError, readElementHeader, unknownSize } from "./ebml.ts";

/** They may be anywhere. */
const ANYWHERE = new Set<number>([elementId.void, elementId.crc32]);

/**
 * Checks that the elements of a segment and of its clusters follow one another to the file's end. In a file where they do
 * not, mediabunny 1.61 searches for the next one, and never ends that search if there is none (observed).
 * @throws MatroskaError that names the first byte that is wrong
 */
export function checkSegment(file: Uint8Array): void {
  let isInOpenCluster = false;
  for (let at = 0; at < file.length;) {
    const { id, sizeBytes, headerBytes } = readElementHeader(file, at, at);
    if (aboveClusters.has(id)) isInOpenCluster = id === elementId.cluster && sizeBytes === undefined;
    else if (!isInOpenCluster && !ANYWHERE.has(id))
      throw new MatroskaError("invalid", at, "no element of a segment");
    const start = at + headerBytes;
    if (id === elementId.segment || (id === elementId.cluster && isInOpenCluster)) {
      at = start;
      continue;
    }
    if (sizeBytes === undefined) throw unknownSize(id, at);
    at = start + sizeBytes;
    if (at > file.length) throw new MatroskaError("truncated", file.length, "ends inside an element");
    if (id === elementId.cluster) checkCluster(file.subarray(start, at), start);
  }
}

function checkCluster(content: Uint8Array, offset: number): void {
  for (const child of children(content, offset))
    if (aboveClusters.has(child.id))
      throw new MatroskaError("invalid", child.offset, "no element of a cluster");
}
