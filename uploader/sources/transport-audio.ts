const PACKET_BYTES = 188;
const SYNC_BYTE = 0x47;
const PROGRAM_MAP = 0x02;

/** Audio stream types (ISO/IEC 13818-1, ATSC A/52, Blu-ray) by the name of what they carry. */
const AUDIO_TYPES: Readonly<Record<number, string>> = {
  0x03: "MPEG audio",
  0x04: "MPEG audio",
  0x11: "AAC in LATM",
  0x1c: "MPEG-4 audio without a transport",
  0x80: "LPCM",
  0x81: "AC-3",
  0x82: "DTS",
  0x87: "E-AC-3",
  0x90: "A-law or another codec of a vendor's own",
  0x91: "mu-law or another codec of a vendor's own",
};
const PRIVATE_DATA = 0x06;
const AAC_IN_ADTS = 0x0f;

/**
 * What the audio of a transport stream is, where it is not AAC in ADTS, the one form that is sent. A demuxer passes over
 * streams whose type it doesn't know, without a word.
 */
export function transportAudio(bytes: Buffer): string | undefined {
  for (let at = 0; at + PACKET_BYTES <= bytes.length; at += PACKET_BYTES) {
    if (bytes[at] !== SYNC_BYTE) return undefined;
    const types = streamTypes(bytes.subarray(at, at + PACKET_BYTES));
    if (!types) continue;
    if (types.includes(AAC_IN_ADTS)) return undefined;
    const named = types.map((type) => AUDIO_TYPES[type]).find((name) => name !== undefined);
    if (named !== undefined) return named;
    return types.includes(PRIVATE_DATA) ? "private data, such as A-law" : undefined;
  }
  return undefined;
}

/** The stream types in the program map table that begins in this packet, if one does. */
function streamTypes(packet: Buffer): number[] | undefined {
  const isStart = (packet[1]! & 0x40) !== 0;
  const [hasAdaptation, hasPayload] = [(packet[3]! & 0x20) !== 0, (packet[3]! & 0x10) !== 0];
  const payload = hasAdaptation ? 5 + packet[4]! : 4;
  if (!isStart || !hasPayload || payload >= PACKET_BYTES) return undefined;
  const table = packet.subarray(payload + 1 + packet[payload]!);
  if (table.length < 12 || table[0] !== PROGRAM_MAP) return undefined;
  const end = Math.min(table.length, 3 + (table.readUInt16BE(1) & 0xfff) - 4);
  const types: number[] = [];
  for (let at = 12 + (table.readUInt16BE(10) & 0xfff); at + 5 <= end;) {
    types.push(table[at]!);
    at += 5 + (table.readUInt16BE(at + 3) & 0xfff);
  }
  return types;
}
