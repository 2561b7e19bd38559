const PACKET_BYTES = 188;
const SYNC_BYTE = 0x47;
const TIMESTAMP_MODULUS = 2 ** 33;
const TICKS_PER_SECOND = 90_000;
/** The bytes of a presentation or decoding time in a PES header (ISO/IEC 13818-1). */
const TIME_BYTES = 5;

/**
 * Moves every presentation time in an MPEG transport stream a second later, so that no packet is decoded after it is
 * presented. mediabunny's decoding times are the sorted presentation times (as of 1.61), which in video with B-frames are
 * later than half the packets' own; ffmpeg warns of that. The decoding times keep their even steps, which Chromium needs,
 * and the delay is the same in all segments of a stream unless its frames are rarer than a few a second. Changes `stream`
 * in place.
 */
export function delayPresentation(stream: Uint8Array): Uint8Array {
  const packets = [...pesTimes(stream)];
  const latest = Math.max(0, ...packets.map(({ dts, pts }) => (dts === undefined ? 0 : distance(dts, pts))));
  const delay = Math.max(1, Math.ceil(latest / TICKS_PER_SECOND)) * TICKS_PER_SECOND;
  for (const { bytes, pts } of packets) writeTime(bytes, pts + delay);
  return stream;
}

interface PesTimes {
  /** Where the presentation time stands. */
  readonly bytes: Uint8Array;
  readonly pts: number;
  readonly dts: number | undefined;
}

/** The times of the PES packets that start in the stream's transport packets. */
function* pesTimes(stream: Uint8Array): Generator<PesTimes> {
  for (let at = 0; at + PACKET_BYTES <= stream.length; at += PACKET_BYTES) {
    const [sync, high = 0, , control = 0, adaptationBytes = 0] = stream.subarray(at, at + 5);
    const isStart = (high & 0x40) !== 0;
    if (sync !== SYNC_BYTE || !isStart) continue;
    const hasAdaptationField = (control & 0x20) !== 0;
    const pes = stream.subarray(at + (hasAdaptationField ? 5 + adaptationBytes : 4), at + PACKET_BYTES);
    const isPes = pes[0] === 0 && pes[1] === 0 && pes[2] === 1;
    const flags = isPes ? pes[7]! >> 6 : 0;
    if (flags < 0b10) continue;
    const bytes = pes.subarray(9, 9 + TIME_BYTES);
    const dts = flags === 0b11 ? readTime(pes.subarray(9 + TIME_BYTES)) : undefined;
    yield { bytes, pts: readTime(bytes), dts };
  }
}

/** The 33 bits of a time are in three parts, each followed by a marker bit. */
const readTime = (bytes: Uint8Array): number =>
  ((bytes[0]! >> 1) & 0x07) * 2 ** 30 +
  ((((bytes[1]! << 8) | bytes[2]!) >> 1) << 15) +
  (((bytes[3]! << 8) | bytes[4]!) >> 1);

function writeTime(bytes: Uint8Array, time: number): void {
  const value = time % TIMESTAMP_MODULUS;
  const middle = ((Math.floor(value / 2 ** 15) % 2 ** 15) << 1) | 1;
  const lower = ((value % 2 ** 15) << 1) | 1;
  bytes.set([
    (bytes[0]! & 0xf1) | (Math.floor(value / 2 ** 30) << 1),
    middle >> 8,
    middle & 0xff,
    lower >> 8,
    lower & 0xff,
  ]);
}

/** How much later one time is than another; times wrap. */
function distance(later: number, earlier: number): number {
  const apart = (later - earlier + TIMESTAMP_MODULUS) % TIMESTAMP_MODULUS;
  return apart < TIMESTAMP_MODULUS / 2 ? apart : apart - TIMESTAMP_MODULUS;
}
