import { ByteReader } from "./byte-reader.ts";
import { ClusterBuilder, type Block } from "./cluster.ts";
import {
  aboveClusters,
  concatBytes,
  element,
  elementId,
  hex,
  MatroskaError,
  MAX_ELEMENT_HEADER_BYTES,
  minHeaderBytes,
  openElement,
  readElementHeader,
  unknownSize,
  type Child,
  type ElementHeader,
} from "./ebml.ts";
import { readTags, readTimecodeScaleNs, readTracks, type Tag, type Track } from "./header.ts";

/** The description of the stream, once per EBML header. */
export type HeaderPart = {
  kind: "header";
  /** EBML header, start of a Segment of unknown size, Info and Tracks: followed by clusters, a playable file. */
  bytes: Uint8Array;
  /** Nanoseconds per unit of every `timecode`. */
  timecodeScaleNs: number;
  tracks: Track[];
};
/** A Tags element. Kinesis Video Streams applies it to the cluster that follows. `bytes` is the whole element. */
type TagsPart = { kind: "tags"; tags: Tag[]; bytes: Uint8Array };
/** A cluster has started; its "cluster" part follows when it is complete. */
type ClusterStartPart = { kind: "cluster-start"; timecode: number };
/** A complete cluster: what Kinesis Video Streams calls a fragment. */
export type ClusterPart = {
  kind: "cluster";
  /** In units of the header's `timecodeScaleNs`. */
  timecode: number;
  /** The cluster with its children, always with a known size. */
  bytes: Uint8Array;
  blocks: Block[];
  durationMs: number;
};
export type SegmentPart = HeaderPart | TagsPart | ClusterStartPart | ClusterPart;

/** Limits on the memory that a stream can make its reader use. */
export type ReadLimits = {
  /** Largest cluster, default 50 MB: the largest Kinesis Video Streams fragment (documented: service quotas). */
  maxClusterBytes?: number;
  /** Largest EBML header, Info, Tracks or Tags element, default 1 MiB. */
  maxHeaderBytes?: number;
  /** Most blocks and other elements in one cluster, default 20,000. */
  maxElementsPerCluster?: number;
  /** Number of Segments in sequence, each with its EBML header, default 1: PutMedia accepts only one. */
  maxSegments?: number;
};

const DEFAULT_LIMITS: Required<ReadLimits> = {
  maxClusterBytes: 50_000_000,
  maxHeaderBytes: 1_048_576,
  maxElementsPerCluster: 20_000,
  maxSegments: 1,
};

/**
 * Reads a Matroska stream as it arrives and yields its parts in order, with at most one cluster in memory. Segment and
 * clusters may be of known or unknown size; index, padding and unknown elements are skipped.
 *
 * A header is yielded before the first cluster (as soon as Info and Tracks are both known), a cluster when it is complete:
 * with its last byte if its size is known, else with the next element or the end.
 * @param onBlock called with each block of a cluster as it arrives; what it throws ends the reading
 * @throws MatroskaError at the first byte that is not Matroska, exceeds a limit or is missing; an error of the source is
 * thrown unchanged
 */
export async function* readSegment(
  chunks: AsyncIterable<Uint8Array>,
  limits: ReadLimits = {},
  onBlock?: (block: Block) => void,
): AsyncGenerator<SegmentPart> {
  const reader = new ByteReader(chunks);
  const bounds = { ...DEFAULT_LIMITS, ...limits };
  try {
    for (let segments = 1; ; segments++) {
      yield* readOneSegment(reader, bounds, onBlock);
      const next = await nextElement(reader);
      if (!next) return;
      if (next.id === elementId.ebml && segments >= bounds.maxSegments)
        throw new MatroskaError(
          "invalid",
          reader.offset,
          `a further EBML header; expected at most ${bounds.maxSegments} in one stream`,
        );
    }
  } finally {
    await reader.close();
  }
}

async function* readOneSegment(
  reader: ByteReader,
  limits: Required<ReadLimits>,
  onBlock?: (block: Block) => void,
): AsyncGenerator<SegmentPart> {
  const ebml = await readWhole(
    reader,
    await expectElement(reader, elementId.ebml, "EBML"),
    limits.maxHeaderBytes,
  );
  const segment = await expectElement(reader, elementId.segment, "Segment");
  await reader.take(segment.headerBytes);
  const endOffset = segment.sizeBytes === undefined ? Infinity : reader.offset + segment.sizeBytes;

  let info: Child | undefined;
  let tracks: Child | undefined;
  let header: HeaderPart | undefined;
  while (reader.offset < endOffset) {
    const next = await nextElement(reader);
    if (!next) {
      if (endOffset !== Infinity)
        throw new MatroskaError("truncated", reader.offset, "ends inside the Segment");
      break;
    }
    if (next.id === elementId.ebml) break;
    if (next.id === elementId.cluster) {
      if (!tracks) throw new MatroskaError("invalid", reader.offset, "a Cluster before Tracks");
      if (!header) yield (header = headerPart(ebml, info, tracks));
      yield* readCluster(reader, next, header, limits, onBlock);
    } else if (next.id === elementId.tags) {
      const tags = await readWhole(reader, next, limits.maxHeaderBytes);
      yield { kind: "tags", tags: readTags(tags), bytes: element(elementId.tags, tags.content) };
    } else if (next.id === elementId.info && !header) {
      info = await readWhole(reader, next, limits.maxHeaderBytes);
    } else if (next.id === elementId.tracks && !header) {
      tracks = await readWhole(reader, next, limits.maxHeaderBytes);
    } else await skipElement(reader, next);
    if (!header && info && tracks) yield (header = headerPart(ebml, info, tracks));
  }
  if (reader.offset > endOffset)
    throw new MatroskaError("invalid", reader.offset, "an element longer than the Segment around it");
}

function headerPart(ebml: Child, info: Child | undefined, tracks: Child): HeaderPart {
  const parts = [element(ebml.id, ebml.content), openElement(elementId.segment)];
  if (info) parts.push(element(info.id, info.content));
  parts.push(element(tracks.id, tracks.content));
  return {
    kind: "header",
    bytes: concatBytes(parts),
    timecodeScaleNs: readTimecodeScaleNs(info),
    tracks: readTracks(tracks),
  };
}

async function* readCluster(
  reader: ByteReader,
  cluster: ElementHeader,
  { tracks, timecodeScaleNs }: HeaderPart,
  { maxClusterBytes, maxElementsPerCluster }: Required<ReadLimits>,
  onBlock?: (block: Block) => void,
): AsyncGenerator<ClusterStartPart | ClusterPart> {
  const startOffset = reader.offset;
  const tooLarge = () =>
    new MatroskaError("too-large", startOffset, `a Cluster of more than ${maxClusterBytes} bytes`);
  if ((cluster.sizeBytes ?? 0) > maxClusterBytes) throw tooLarge();
  await reader.take(cluster.headerBytes);
  const endOffset = cluster.sizeBytes === undefined ? Infinity : reader.offset + cluster.sizeBytes;

  const builder = new ClusterBuilder(startOffset, maxElementsPerCluster);
  let started = false;
  while (reader.offset < endOffset) {
    const child = await nextElement(reader);
    if (!child && endOffset !== Infinity)
      throw new MatroskaError("truncated", reader.offset, "ends inside a Cluster");
    if (!child || (endOffset === Infinity && aboveClusters.has(child.id))) break;
    const leftBytes =
      Math.min(endOffset, startOffset + cluster.headerBytes + maxClusterBytes) - reader.offset;
    if (child.sizeBytes !== undefined && child.headerBytes + child.sizeBytes > leftBytes) {
      if (endOffset === Infinity) throw tooLarge();
      throw new MatroskaError(
        "invalid",
        reader.offset,
        `element ${hex(child.id)} is longer than its Cluster`,
      );
    }
    const block = builder.add(await readWhole(reader, child, maxClusterBytes));
    if (block) onBlock?.(block);
    if (!started && builder.timecode !== undefined) {
      started = true;
      yield { kind: "cluster-start", timecode: builder.timecode };
    }
  }
  yield builder.finish(tracks, timecodeScaleNs);
}

/** The header of the next element, not yet consumed; undefined at the end of the stream. */
async function nextElement(reader: ByteReader): Promise<ElementHeader | undefined> {
  let bytes = await reader.peek(1, MAX_ELEMENT_HEADER_BYTES);
  if (bytes.length === 0) return undefined;
  // Does not wait for a byte after the header: after a cluster's last element, none may arrive for long.
  for (let needed; (needed = minHeaderBytes(bytes)) > bytes.length && needed <= MAX_ELEMENT_HEADER_BYTES;) {
    const more = await reader.peek(needed, MAX_ELEMENT_HEADER_BYTES);
    if (more.length < needed) break;
    bytes = more;
  }
  return readElementHeader(bytes, 0, reader.offset);
}

async function expectElement(reader: ByteReader, id: number, name: string): Promise<ElementHeader> {
  const found = await nextElement(reader);
  if (!found) throw new MatroskaError("truncated", reader.offset, `ends where ${name} should begin`);
  if (found.id !== id)
    throw new MatroskaError(
      "invalid",
      reader.offset,
      `element ${hex(found.id)}; expected ${name} (${hex(id)})`,
    );
  return found;
}

/** Reads a whole element. */
async function readWhole(reader: ByteReader, header: ElementHeader, maxBytes: number): Promise<Child> {
  const { id, sizeBytes, headerBytes } = header;
  const offset = reader.offset;
  if (sizeBytes === undefined) throw unknownSize(id, offset);
  if (sizeBytes > maxBytes)
    throw new MatroskaError(
      "too-large",
      offset,
      `element ${hex(id)} of ${sizeBytes} bytes; at most ${maxBytes}`,
    );
  await reader.take(headerBytes);
  const content = await reader.take(sizeBytes);
  if (content.length < sizeBytes) throw endsInside(id, sizeBytes, reader.offset);
  return { id, content, offset: offset + headerBytes };
}

async function skipElement(reader: ByteReader, { id, sizeBytes, headerBytes }: ElementHeader): Promise<void> {
  if (sizeBytes === undefined) throw unknownSize(id, reader.offset);
  await reader.skip(headerBytes);
  if ((await reader.skip(sizeBytes)) < sizeBytes) throw endsInside(id, sizeBytes, reader.offset);
}

const endsInside = (id: number, sizeBytes: number, offset: number): MatroskaError =>
  new MatroskaError("truncated", offset, `ends inside element ${hex(id)} of ${sizeBytes} bytes`);
