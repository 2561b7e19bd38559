/** EBML, the binary element format that Matroska is written in (RFC 8794): an id, a size, the content. */

/** Element ids of Matroska (RFC 9559), marker bits included. */
export const elementId = {
  ebml: 0x1a45dfa3,
  segment: 0x18538067,
  seekHead: 0x114d9b74,
  info: 0x1549a966,
  timestampScale: 0x2ad7b1,
  tracks: 0x1654ae6b,
  trackEntry: 0xae,
  trackNumber: 0xd7,
  trackType: 0x83,
  name: 0x536e,
  codecId: 0x86,
  codecPrivate: 0x63a2,
  defaultDuration: 0x23e383,
  video: 0xe0,
  pixelWidth: 0xb0,
  pixelHeight: 0xba,
  cluster: 0x1f43b675,
  timestamp: 0xe7,
  position: 0xa7,
  prevSize: 0xab,
  simpleBlock: 0xa3,
  blockGroup: 0xa0,
  block: 0xa1,
  blockDuration: 0x9b,
  referenceBlock: 0xfb,
  cues: 0x1c53bb6b,
  chapters: 0x1043a770,
  attachments: 0x1941a469,
  tags: 0x1254c367,
  tag: 0x7373,
  targets: 0x63c0,
  simpleTag: 0x67c8,
  tagName: 0x45a3,
  tagString: 0x4487,
  void: 0xec,
  crc32: 0xbf,
} as const;

/** The elements of a file and of its Segment: none is part of a Cluster, so any of them ends one of unknown size. */
export const aboveClusters: ReadonlySet<number> = new Set<number>([
  elementId.ebml,
  elementId.segment,
  elementId.seekHead,
  elementId.info,
  elementId.tracks,
  elementId.cluster,
  elementId.cues,
  elementId.chapters,
  elementId.attachments,
  elementId.tags,
]);

/** Not Matroska, ended too early, or larger than the caller's limit. */
type MatroskaErrorReason = "invalid" | "truncated" | "too-large";

/** Bytes that cannot be read as Matroska. The message says what is wrong, and at which byte of the stream. */
export class MatroskaError extends Error {
  override readonly name = "MatroskaError";
  readonly reason: MatroskaErrorReason;
  /** Offset in bytes from the start of the stream. */
  readonly offset: number;

  constructor(reason: MatroskaErrorReason, offset: number, problem: string) {
    super(`Matroska, byte ${offset}: ${problem}`);
    this.reason = reason;
    this.offset = offset;
  }
}

/** An element's id and the size of its content; undefined for EBML's "unknown size". */
export type ElementHeader = { id: number; sizeBytes: number | undefined; headerBytes: number };

/** The longest possible element header: an id of 4 bytes and a size of 8. */
export const MAX_ELEMENT_HEADER_BYTES = 12;

/** Length in bytes of the variable-length integer that starts with this byte; 9 if no marker bit is set. */
export function vintLength(firstByte: number): number {
  return Math.clz32(firstByte) - 23;
}

/**
 * Reads a variable-length integer without its marker bit; undefined when all its bits are ones ("unknown").
 * @param offset the position of `bytes` in the stream, for the error
 */
export function readVint(bytes: Uint8Array, at: number, offset: number): number | undefined {
  const length = vintLength(bytes[at] ?? 0);
  if (length > 8) throw new MatroskaError("invalid", offset + at, "a size or number longer than 8 bytes");
  if (at + length > bytes.length)
    throw new MatroskaError("truncated", offset + at, "ends inside a size or number");
  let value = bytes[at]! & (0xff >> length);
  let allOnes = value === 0xff >> length;
  for (let i = 1; i < length; i++) {
    const byte = bytes[at + i]!;
    allOnes &&= byte === 0xff;
    value = value * 256 + byte;
  }
  if (allOnes) return undefined;
  if (value > Number.MAX_SAFE_INTEGER)
    throw new MatroskaError("too-large", offset + at, `a size of ${value}`);
  return value;
}

/** The least length of an element header that starts with these bytes: exact once they include its first size byte. */
export function minHeaderBytes(bytes: Uint8Array): number {
  const idLength = vintLength(bytes[0] ?? 0x80);
  const sizeStart = bytes[idLength];
  return idLength + (sizeStart === undefined ? 1 : vintLength(sizeStart));
}

/** Reads the id and size at `at`. @param offset the position of `bytes` in the stream */
export function readElementHeader(bytes: Uint8Array, at: number, offset: number): ElementHeader {
  const idLength = vintLength(bytes[at] ?? 0);
  if (idLength > 4) throw new MatroskaError("invalid", offset + at, "expected an element id of 1 to 4 bytes");
  if (at + idLength >= bytes.length)
    throw new MatroskaError("truncated", offset + at, "ends inside an element header");
  let id = 0;
  for (let i = 0; i < idLength; i++) id = id * 256 + bytes[at + i]!;
  const sizeBytes = readVint(bytes, at + idLength, offset);
  return { id, sizeBytes, headerBytes: idLength + vintLength(bytes[at + idLength]!) };
}

/** An element in memory. `offset` is the position of its content in the stream. */
export type Child = { id: number; content: Uint8Array; offset: number };

/** The children of a master element in memory. @param offset the position of `content` in the stream */
export function* children(content: Uint8Array, offset: number): Generator<Child> {
  for (let at = 0; at < content.length;) {
    const { id, sizeBytes, headerBytes } = readElementHeader(content, at, offset);
    const start = at + headerBytes;
    if (sizeBytes === undefined) throw unknownSize(id, offset + at);
    if (start + sizeBytes > content.length)
      throw new MatroskaError(
        "invalid",
        offset + at,
        `element ${hex(id)} is longer than the element around it`,
      );
    yield { id, content: content.subarray(start, start + sizeBytes), offset: offset + start };
    at = start + sizeBytes;
  }
}

export const unknownSize = (id: number, offset: number): MatroskaError =>
  new MatroskaError("invalid", offset, `element ${hex(id)} has no size; only Segment and Cluster may`);

/** An element's content as an unsigned integer of 0 to 8 bytes. */
export function readUnsigned({ id, content, offset }: Child): number {
  if (content.length > 8)
    throw new MatroskaError(
      "invalid",
      offset,
      `element ${hex(id)}: an integer of ${content.length} bytes; at most 8`,
    );
  const value = content.reduce((sum, byte) => sum * 256 + byte, 0);
  if (value > Number.MAX_SAFE_INTEGER)
    throw new MatroskaError("too-large", offset, `element ${hex(id)}: ${value} does not fit 53 bits`);
  return value;
}

/** An element's content as text; EBML allows zero bytes as padding at its end. */
export function readText({ content }: Child): string {
  const end = content.indexOf(0);
  return new TextDecoder("utf-8", { ignoreBOM: true }).decode(end < 0 ? content : content.subarray(0, end));
}

/** Serialises an element of known size around its parts. */
export function element(id: number, ...parts: Uint8Array[]): Uint8Array {
  const sizeBytes = parts.reduce((sum, part) => sum + part.length, 0);
  return concatBytes([bigEndian(id), sizeVint(sizeBytes), ...parts]);
}

/** Serialises the header of an element of unknown size, which ends where another element of its level starts. */
export function openElement(id: number): Uint8Array {
  return concatBytes([bigEndian(id), Uint8Array.of(0x01, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff)]);
}

/** Serialises an element that holds an unsigned integer. */
export function unsignedElement(id: number, value: number): Uint8Array {
  return element(id, bigEndian(value));
}

/** Serialises an element that holds UTF-8 text. */
export function textElement(id: number, text: string): Uint8Array {
  return element(id, new TextEncoder().encode(text));
}

/** Concatenates arrays. */
export function concatBytes(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/** An element id as in the Matroska specification. */
export function hex(id: number): string {
  return `0x${id.toString(16).toUpperCase()}`;
}

function bigEndian(value: number): Uint8Array {
  const bytes: number[] = [];
  for (let rest = value; rest > 0 || bytes.length === 0; rest = Math.floor(rest / 256))
    bytes.unshift(rest % 256);
  return Uint8Array.from(bytes);
}

/** The shortest size field for this many bytes, not all ones, which means "unknown". */
function sizeVint(sizeBytes: number): Uint8Array {
  let length = 1;
  while (sizeBytes >= 2 ** (7 * length) - 1) length++;
  const field = new Uint8Array(length);
  let rest = sizeBytes;
  for (let i = length - 1; i >= 0; i--, rest = Math.floor(rest / 256)) field[i] = rest % 256;
  field[0]! |= 0x80 >> (length - 1);
  return field;
}
