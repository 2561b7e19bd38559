const PACKET_BYTES = 188;
const SYNC_BYTE = 0x47;
const TIMESTAMP_MODULUS = 2 ** 33;
/** `PTS_DTS_flags` of a PES packet with both times (ISO/IEC 13818-1). */
const BOTH_TIMES = 0b11;

/**
 * Sets the decoding times in an MPEG transport stream so that no packet is decoded after it is presented. mediabunny
 * 1.61 writes the sorted presentation times, which are later than the packet's own in half the packets of video with
 * B-frames; players and ffmpeg call them invalid. Changes `stream` in place.
 */
export function correctDecodeTimes(stream: Uint8Array): Uint8Array {
  const byTrack = new Map<number, PesTimes[]>();
  for (let at = 0; at + PACKET_BYTES <= stream.length; at += PACKET_BYTES) {
    const found = pesTimes(stream.subarray(at, at + PACKET_BYTES));
    if (!found) continue;
    const track = byTrack.get(found.trackId);
    if (track) track.push(found);
    else byTrack.set(found.trackId, [found]);
  }
  for (const packets of byTrack.values()) {
    const presented = packets.map(({ bytes }) => readTimestamp(bytes, 0));
    for (const [at, time] of decodeTimes(unwrap(presented)).entries())
      writeTimestamp(packets[at]!.bytes, PTS_BYTES, time);
  }
  return stream;
}

/**
 * Increasing decoding times for packets in decode order: each at most the presentation time of its own packet and of
 * every later one, and none more than a frame before the first presentation, so that segments can follow each other.
 * Packets that others overtake share the time before the first of those evenly. The first packet of reordered video is
 * decoded half a frame before it is presented: ffmpeg takes equal times of a segment's first packet for unknown ones.
 */
export function decodeTimes(presented: readonly number[]): number[] {
  const latest = presented.toReversed();
  for (let at = 1; at < latest.length; at++) latest[at] = Math.min(latest[at]!, latest[at - 1]!);
  latest.reverse();
  const halfFrame = frameInterval(presented) / 2;
  const isReordered = latest.some((time, at) => time !== presented[at]);
  if (isReordered && latest[0]! >= halfFrame) latest[0]! -= halfFrame;
  const times: number[] = [];
  let previous = latest[0]! - halfFrame;
  for (let from = 0; from < latest.length;) {
    const next = latest.findIndex((time, at) => at > from && time !== latest[from]);
    const until = next < 0 ? latest.length : next;
    const step = (latest[from]! - previous) / (until - from);
    for (let at = from; at < until; at++) times.push(Math.round(previous + step * (at - from + 1)));
    previous = latest[from]!;
    from = until;
  }
  return times;
}

function frameInterval(presented: readonly number[]): number {
  const [first, last] = [Math.min(...presented), Math.max(...presented)];
  return (last - first) / Math.max(1, presented.length - 1);
}

const PTS_BYTES = 5;

interface PesTimes {
  readonly trackId: number;
  /** The presentation time and, after it, the decoding time, of five bytes each. */
  readonly bytes: Uint8Array;
}

/** The times of the PES packet that starts in this transport packet, if it has both. */
function pesTimes(packet: Uint8Array): PesTimes | undefined {
  const [sync, high = 0, low = 0, control = 0] = packet;
  const isStart = (high & 0x40) !== 0;
  if (sync !== SYNC_BYTE || !isStart) return undefined;
  const hasAdaptationField = (control & 0x20) !== 0;
  const pes = packet.subarray(hasAdaptationField ? 5 + packet[4]! : 4);
  const isPes = pes[0] === 0 && pes[1] === 0 && pes[2] === 1;
  if (!isPes || pes[7]! >> 6 !== BOTH_TIMES) return undefined;
  return { trackId: ((high & 0x1f) << 8) | low, bytes: pes.subarray(9, 9 + 2 * PTS_BYTES) };
}

/** The 33 bits of a time are in three parts, each followed by a marker bit. */
const readTimestamp = (bytes: Uint8Array, at: number): number =>
  ((bytes[at]! >> 1) & 0x07) * 2 ** 30 +
  ((((bytes[at + 1]! << 8) | bytes[at + 2]!) >> 1) << 15) +
  (((bytes[at + 3]! << 8) | bytes[at + 4]!) >> 1);

function writeTimestamp(bytes: Uint8Array, at: number, time: number): void {
  const value = ((time % TIMESTAMP_MODULUS) + TIMESTAMP_MODULUS) % TIMESTAMP_MODULUS;
  bytes[at] = (bytes[at]! & 0xf1) | (Math.floor(value / 2 ** 30) << 1);
  const middle = ((Math.floor(value / 2 ** 15) % 2 ** 15) << 1) | 1;
  const lower = ((value % 2 ** 15) << 1) | 1;
  bytes.set([middle >> 8, middle & 0xff, lower >> 8, lower & 0xff], at + 1);
}

/** The times as they were before they were cut to 33 bits, near the first one. */
function unwrap(times: readonly number[]): number[] {
  const [first = 0] = times;
  return times.map((time) => {
    const distance = (time - first + TIMESTAMP_MODULUS) % TIMESTAMP_MODULUS;
    return first + (distance < TIMESTAMP_MODULUS / 2 ? distance : distance - TIMESTAMP_MODULUS);
  });
}
