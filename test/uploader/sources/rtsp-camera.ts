import { createServer, type AddressInfo, type Socket } from "node:net";
import type { SourceFragment } from "../../../uploader/sources/source.ts";

const MAX_PAYLOAD_BYTES = 1_200;
const CLOCK_HZ = 90_000;
const FIRST_RTP_TIME = 1_234_567;
const FRAGMENTATION_UNIT_A = 28;

export interface RtspCamera {
  readonly url: string;
  /** The requests that it received, e.g. `DESCRIBE`. */
  readonly methods: string[];
  stop(): void;
}

/**
 * A network camera of one client: RTSP 1.0 (RFC 2326), H.264 over RTP (RFC 6184) interleaved in the same TCP connection.
 * It plays the fragments as fast as the client takes them, then says goodbye and hangs up.
 */
export async function startRtspCamera(
  fragments: readonly SourceFragment[],
  parameterSets: { sps: Buffer; pps: Buffer },
): Promise<RtspCamera> {
  const methods: string[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    let held = "";
    socket.on("error", () => {});
    socket.on("data", (chunk) => {
      held += chunk.toString("latin1");
      for (let end = held.indexOf("\r\n\r\n"); end >= 0; end = held.indexOf("\r\n\r\n")) {
        const request = held.slice(0, end);
        held = held.slice(end + 4);
        const method = /(OPTIONS|DESCRIBE|SETUP|PLAY|TEARDOWN|GET_PARAMETER) /.exec(request)?.[1];
        if (!method) continue;
        methods.push(method);
        socket.write(answer(method, /CSeq: *(\d+)/i.exec(request)?.[1] ?? "0"));
        if (method === "PLAY") play(socket);
      }
    });
  });
  const { sps, pps } = parameterSets;
  const sdp = [
    "v=0",
    "o=- 0 0 IN IP4 127.0.0.1",
    "s=camera",
    "c=IN IP4 0.0.0.0",
    "t=0 0",
    "m=video 0 RTP/AVP 96",
    `a=rtpmap:96 H264/${CLOCK_HZ}`,
    `a=fmtp:96 packetization-mode=1; sprop-parameter-sets=${sps.toString("base64")},${pps.toString("base64")}`,
    "a=control:track0",
    "",
  ].join("\r\n");

  function answer(method: string, sequence: string): string {
    const head = `RTSP/1.0 200 OK\r\nCSeq: ${sequence}\r\nSession: 1\r\n`;
    if (method === "OPTIONS") return `${head}Public: OPTIONS, DESCRIBE, SETUP, PLAY, TEARDOWN\r\n\r\n`;
    if (method === "DESCRIBE")
      return `${head}Content-Type: application/sdp\r\nContent-Length: ${sdp.length}\r\n\r\n${sdp}`;
    if (method === "SETUP") return `${head}Transport: RTP/AVP/TCP;unicast;interleaved=0-1\r\n\r\n`;
    return `${head}Range: npt=0.000-\r\nRTP-Info: url=track0;seq=0;rtptime=${FIRST_RTP_TIME}\r\n\r\n`;
  }

  function play(socket: Socket): void {
    let sequence = 0;
    for (const { frames } of fragments)
      for (const { atMs, data } of frames) {
        const units = [...nalUnits(data)];
        for (const [index, unit] of units.entries())
          for (const [payload, isLast] of payloadsOf(unit)) {
            const packet = Buffer.alloc(16 + payload.length);
            packet.write("$", 0, "latin1");
            packet.writeUInt16BE(12 + payload.length, 2);
            packet.writeUInt8(0x80, 4);
            packet.writeUInt8(96 | (isLast && index === units.length - 1 ? 0x80 : 0), 5);
            packet.writeUInt16BE(sequence++ & 0xffff, 6);
            packet.writeUInt32BE(FIRST_RTP_TIME + Math.round((atMs * CLOCK_HZ) / 1000), 8);
            packet.writeUInt32BE(0x0d00_25e9, 12);
            payload.copy(packet, 16);
            socket.write(packet);
          }
      }
    socket.end();
  }

  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `rtsp://viewer:secret@127.0.0.1:${(server.address() as AddressInfo).port}/live`,
    methods,
    stop: () => {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}

/** Units after their length in four bytes. */
export function* nalUnits(data: Uint8Array): Generator<Buffer> {
  const bytes = Buffer.from(data.buffer, data.byteOffset, data.length);
  for (let at = 0; at < bytes.length;) {
    const length = bytes.readUInt32BE(at);
    yield bytes.subarray(at + 4, at + 4 + length);
    at += 4 + length;
  }
}

/** Splits a unit into packets: whole, or in fragmentation units (RFC 6184, 5.8). */
function* payloadsOf(unit: Buffer): Generator<[payload: Buffer, isLast: boolean]> {
  if (unit.length <= MAX_PAYLOAD_BYTES) return yield [unit, true];
  const [indicator, type] = [(unit[0]! & 0xe0) | FRAGMENTATION_UNIT_A, unit[0]! & 0x1f];
  for (let at = 1; at < unit.length; at += MAX_PAYLOAD_BYTES) {
    const isLast = at + MAX_PAYLOAD_BYTES >= unit.length;
    const header = type | (at === 1 ? 0x80 : 0) | (isLast ? 0x40 : 0);
    yield [Buffer.concat([Buffer.of(indicator, header), unit.subarray(at, at + MAX_PAYLOAD_BYTES)]), isLast];
  }
}
