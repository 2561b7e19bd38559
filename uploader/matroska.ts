import { Buffer } from "node:buffer";

/** A name and value that Kinesis Video Streams stores with a fragment. */
type FragmentTag = { name: string; value: string };

/** Documented (Kinesis Video Streams developer guide, "Streaming metadata limitations"). */
const maxTags = 10;
const maxNameBytes = 128;
const maxValueBytes = 256;

/**
 * Encodes the Matroska Tags element that attaches these tags to the fragment whose cluster follows it (documented:
 * metadata is prepended to a fragment).
 * @throws RangeError that names a tag which Kinesis Video Streams would refuse
 */
export function fragmentTags(tags: readonly FragmentTag[]): Uint8Array {
  if (tags.length > maxTags) throw new RangeError(`${tags.length} tags on one fragment; at most ${maxTags}`);
  const simpleTags = tags.map(({ name, value }) => {
    const [nameBytes, valueBytes] = [Buffer.from(name), Buffer.from(value)];
    if (nameBytes.length < 1 || nameBytes.length > maxNameBytes)
      throw new RangeError(
        `tag ${name}: its name has ${nameBytes.length} bytes; expected 1..${maxNameBytes}`,
      );
    if (name.startsWith("AWS")) throw new RangeError(`tag ${name}: names that begin with AWS are reserved`);
    if (valueBytes.length > maxValueBytes)
      throw new RangeError(`tag ${name}: its value has ${valueBytes.length} bytes; at most ${maxValueBytes}`);
    return element("67c8", element("45a3", nameBytes), element("4487", valueBytes));
  });
  const targetsWholeSegment = element("63c0");
  return element("1254c367", element("7373", targetsWholeSegment, ...simpleTags));
}

/** Frames smaller than this are copied together, which costs less than sending each separately. */
const COPIED_BYTES = 65_536;

/** One encoded frame of a cluster. Its time is in milliseconds, on the same clock as the cluster's. */
export type ClusterFrame = { trackNumber: number; atMs: number; keyframe: boolean; data: Uint8Array };

/**
 * Encodes a Matroska Cluster, which becomes a fragment of Kinesis Video Streams, with a SimpleBlock for each frame in this
 * order; in pieces, so that large frames are not copied. The timecode scale is one millisecond; frames are within 32 s of
 * `timecodeMs`, track numbers within 1..126.
 */
export function* clusterPieces(timecodeMs: number, frames: readonly ClusterFrame[]): Generator<Uint8Array> {
  const timestamp = Buffer.alloc(8);
  timestamp.writeBigUInt64BE(BigInt(timecodeMs));
  const first = element("e7", timestamp);
  const sizeBytes = frames.reduce((sum, { data }) => sum + BLOCK_HEAD_BYTES + data.length, first.length);
  let small: Uint8Array[] = [elementHead("1f43b675", sizeBytes), first];
  let smallBytes = totalBytes(small);
  for (const frame of frames) {
    small.push(blockHead(timecodeMs, frame));
    smallBytes += BLOCK_HEAD_BYTES;
    const isLarge = frame.data.length >= COPIED_BYTES;
    if (!isLarge) {
      small.push(frame.data);
      smallBytes += frame.data.length;
    }
    if (isLarge || smallBytes >= COPIED_BYTES) {
      yield Buffer.concat(small, smallBytes);
      [small, smallBytes] = [[], 0];
    }
    if (isLarge) yield frame.data;
  }
  if (smallBytes > 0) yield Buffer.concat(small, smallBytes);
}

/** The head of a SimpleBlock: id, size, track number, time and flags. */
const BLOCK_HEAD_BYTES = 9;

function blockHead(timecodeMs: number, { trackNumber, atMs, keyframe, data }: ClusterFrame): Buffer {
  const head = Buffer.alloc(4);
  head.writeUInt8(0x80 | trackNumber, 0);
  head.writeInt16BE(Math.round(atMs) - timecodeMs, 1);
  head.writeUInt8(keyframe ? 0x80 : 0, 3);
  return Buffer.concat([elementHead("a3", head.length + data.length), head]);
}

function element(idHex: string, ...parts: Uint8Array[]): Buffer {
  return Buffer.concat([elementHead(idHex, totalBytes(parts)), ...parts]);
}

/** An EBML id and a size in four bytes: enough for 256 MB, five times the largest fragment. */
function elementHead(idHex: string, sizeBytes: number): Buffer {
  const size = Buffer.alloc(4);
  size.writeUInt32BE(0x10000000 + sizeBytes);
  return Buffer.concat([Buffer.from(idHex, "hex"), size]);
}

const totalBytes = (parts: readonly Uint8Array[]): number =>
  parts.reduce((sum, { length }) => sum + length, 0);
