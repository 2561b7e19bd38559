/** What stands at a place in a container: how many bytes to pass over to the next place, and what they are. */
export interface Step {
  readonly bytes: number;
  /** A box's type in MP4; in Matroska only `EBML`, `Segment` and `Cluster` have a name. */
  readonly name: string;
  /** Whether another file begins here. */
  readonly isStart: boolean;
}

/** Reads the step at a place from its first bytes: `undefined` for what is none, `more` where the bytes do not suffice. */
export type ReadStep = (head: Buffer) => Step | "more" | undefined;

/** The most bytes that a step needs. */
export const STEP_BYTES = 16;

/** How to pass through a file that begins with these 12 bytes; undefined where no other can stand behind it. */
export function stepsOf(head: Buffer): ReadStep | undefined {
  if (head.length >= 8 && FIRST_BOX.test(head.toString("latin1", 4, 8))) return mp4Steps();
  return head.length >= 4 && head.readUInt32BE(0) === EBML ? matroskaStep : undefined;
}

/** Boxes that a file may begin with (ISO/IEC 14496-12 and QuickTime). */
const FIRST_BOX = /^(ftyp|styp|moov|mdat|moof|free|skip|wide|pnot|uuid|sidx)$/;
const BOX_TYPE = /^[\x20-\x7e\xa9]{4}$/;

function mp4Steps(): ReadStep {
  let hasMovie = false;
  return (head) => {
    const box = boxOf(head);
    if (!box || box === "more") return box;
    const isStart = box.name === "ftyp" && hasMovie;
    hasMovie = (hasMovie && !isStart) || box.name === "moov" || box.name === "mdat";
    return { ...box, isStart };
  };
}

/** The box with this head; its `contentAt` counts from its start. */
export function boxOf(head: Buffer): (Omit<Step, "isStart"> & { contentAt: number }) | "more" | undefined {
  if (head.length < 8) return "more";
  const name = head.toString("latin1", 4, 8);
  const size = head.readUInt32BE(0);
  if (!BOX_TYPE.test(name)) return undefined;
  if (size === 1 && head.length < 16) return "more";
  const contentAt = size === 1 ? 16 : 8;
  const bytes = size === 1 ? Number(head.readBigUInt64BE(8)) : size === 0 ? Infinity : size;
  return bytes < contentAt ? undefined : { name, bytes, contentAt };
}

const EBML = 0x1a45dfa3;
const SEGMENT = 0x18538067;
const CLUSTER = 0x1f43b675;
/** SeekHead, Info, Tracks, Cues, Attachments, Chapters, Tags. */
const LEVEL_1 = new Set([0x114d9b74, 0x1549a966, 0x1654ae6b, 0x1c53bb6b, 0x1941a469, 0x1043a770, 0x1254c367]);

/** The contents of a Segment, and of a Cluster of unknown size, are passed through one by one. */
function matroskaStep(head: Buffer): Step | "more" | undefined {
  if (head.length === 0) return "more";
  const idBytes = Math.clz32(head[0]!) - 23;
  if (idBytes > 4) return undefined;
  if (head.length <= idBytes) return "more";
  const id = head.readUIntBE(0, idBytes);
  if (idBytes === 4 && id !== EBML && id !== SEGMENT && id !== CLUSTER && !LEVEL_1.has(id)) return undefined;
  const sizeBytes = Math.clz32(head[idBytes]!) - 23;
  if (sizeBytes > 8) return undefined;
  const headBytes = idBytes + sizeBytes;
  if (head.length < headBytes) return "more";
  const valueBits = head[idBytes]! & (0xff >> sizeBytes);
  const rest = head.subarray(idBytes + 1, headBytes);
  const isOpen = valueBits === 0xff >> sizeBytes && rest.every((byte) => byte === 0xff);
  const isEntered = id === SEGMENT || (id === CLUSTER && isOpen);
  if (isOpen && !isEntered) return undefined;
  const contentBytes = rest.reduce((value, byte) => value * 256 + byte, valueBits);
  return {
    name: id === EBML ? "EBML" : id === SEGMENT ? "Segment" : id === CLUSTER ? "Cluster" : "",
    bytes: headBytes + (isEntered ? 0 : contentBytes),
    isStart: id === EBML,
  };
}
