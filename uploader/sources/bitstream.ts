/**
 * Converts H.264 and H.265 from the format of MPEG-TS (Annex B: start codes between units) to that of Matroska: each unit
 * after its length in four bytes.
 */
export function lengthPrefixed(annexB: Uint8Array): Uint8Array {
  const units = [...unitsOf(annexB)];
  const out = Buffer.alloc(units.reduce((sum, unit) => sum + 4 + unit.length, 0));
  let at = 0;
  for (const unit of units) {
    at = out.writeUInt32BE(unit.length, at);
    out.set(unit, at);
    at += unit.length;
  }
  return out;
}

/** The units between start codes (00 00 01), without the zero bytes that may trail them. */
export function* unitsOf(annexB: Uint8Array): Generator<Uint8Array> {
  const bytes = Buffer.from(annexB.buffer, annexB.byteOffset, annexB.length);
  const startCode = Buffer.of(0, 0, 1);
  for (let start = bytes.indexOf(startCode); start >= 0;) {
    const next = bytes.indexOf(startCode, start + 3);
    let end = next < 0 ? bytes.length : next;
    while (end > start + 3 && bytes[end - 1] === 0) end--;
    if (end > start + 3) yield bytes.subarray(start + 3, end);
    start = next;
  }
}

/** The units of a frame in which each comes after its length; a broken length ends them. */
export function* prefixedUnitsOf(frame: Uint8Array, lengthBytes: number): Generator<Uint8Array> {
  for (let at = 0; at + lengthBytes < frame.length;) {
    let length = 0;
    for (let i = 0; i < lengthBytes; i++) length = length * 256 + frame[at + i]!;
    at += lengthBytes;
    if (length === 0 || at + length > frame.length) return;
    yield frame.subarray(at, at + length);
    at += length;
  }
}

/** The units in the format of MPEG-TS. */
export const annexBOf = (units: Iterable<Uint8Array>): Uint8Array =>
  Buffer.concat([...units].flatMap((unit) => [START_CODE, unit]));

const START_CODE = Buffer.of(0, 0, 0, 1);

/** Removes the ADTS header that MPEG-TS puts before a frame of AAC, if there is one. */
export function withoutAdtsHeader(frame: Uint8Array): Uint8Array {
  const isAdts = frame.length >= 7 && frame[0] === 0xff && (frame[1]! & 0xf6) === 0xf0;
  if (!isAdts) return frame;
  const hasChecksum = (frame[1]! & 1) === 0;
  return frame.subarray(hasChecksum ? 9 : 7);
}

/** The same bytes as a Buffer. */
export function bufferOf(bytes: ArrayBufferLike | ArrayBufferView): Buffer {
  if (ArrayBuffer.isView(bytes)) return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Buffer.from(bytes);
}
