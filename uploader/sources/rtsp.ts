import { PassThrough } from "node:stream";
import { asError, errorMessage } from "../../base/errors.ts";
import { openLive } from "./live.ts";
import { SourceError, type VideoSource } from "./source.ts";

/** How long a camera may take to respond, and then to send the next packet. */
const TIMEOUT_MS = 15_000;
const MICROSECONDS_PER_MS = 1000;
/** Earlier than any packet, in any unit. */
const BEFORE_ALL = -1_000_000n;
/** The most Matroska between FFmpeg and the reader. */
const PIPE_BYTES = 8 * 1024 * 1024;

/**
 * Opens a network camera over RTSP in one TCP connection, read by FFmpeg through node-av without re-encoding. A camera does
 * not wait: video that cannot be sent in time is dropped, oldest first, with a notice.
 * @throws SourceError NOT_SUPPORTED without node-av, UNREACHABLE, UNSUITABLE
 */
export async function openRtsp(url: string): Promise<VideoSource> {
  const name = withoutPassword(url);
  const { AV_LOG_QUIET, AV_NOPTS_VALUE, Demuxer, Log, Muxer } = await loadNodeAv(name);
  Log.setLevel(AV_LOG_QUIET);
  const demuxer = await Demuxer.open(url, {
    options: { rtsp_transport: "tcp", timeout: TIMEOUT_MS * MICROSECONDS_PER_MS },
  }).catch((error: unknown) => {
    throw new SourceError("UNREACHABLE", `${name}: ${errorMessage(error)}`, error);
  });
  const pipe = new PassThrough({ writableHighWaterMark: PIPE_BYTES });
  const copying = copy().then(
    () => void pipe.end(),
    (error: unknown) => void pipe.destroy(asError(error)),
  );

  async function copy(): Promise<void> {
    const video = demuxer.video();
    if (!video) throw new SourceError("UNSUITABLE", "the camera sends no video");
    const audio = demuxer.audio();
    // A cluster for each keyframe, written at once.
    const options = { live: true, cluster_time_limit: 1000, flush_packets: 1 };
    await using muxer = await Muxer.open(pipe, { format: "matroska", input: demuxer, options });
    const outputs = new Map(
      [video, ...(audio ? [audio] : [])].map((one) => [one.index, muxer.addStream(one)]),
    );
    let isFirst = true;
    let earlyDts = BEFORE_ALL;
    for await (const packet of demuxer.packets()) {
      if (!packet || pipe.destroyed) break;
      const output = outputs.get(packet.streamIndex);
      // FFmpeg may not know the time of the first packet yet; times count from it.
      if (isFirst && packet.pts === AV_NOPTS_VALUE) packet.pts = 0n;
      isFirst = false;
      // With B-frames, it may not know the decode times of the first packets either: they are in order.
      if (packet.dts === AV_NOPTS_VALUE) packet.dts = earlyDts++;
      // A later packet without a time is left out.
      if (output !== undefined && packet.pts !== AV_NOPTS_VALUE) await muxer.writePacket(packet, output);
      packet.free();
    }
  }

  return openLive({
    name,
    stream: pipe as AsyncIterable<Uint8Array>,
    whenFull: "drop-oldest",
    onClose: () => {
      pipe.destroy();
      void copying.then(() => demuxer.close());
    },
  });
}

async function loadNodeAv(name: string): Promise<typeof import("node-av")> {
  try {
    return await import("node-av");
  } catch (error) {
    throw new SourceError(
      "NOT_SUPPORTED",
      `${name}: RTSP is read by FFmpeg, whose binding is missing; install it with \`npm install node-av\`, ` +
        `or pipe the camera in: ffmpeg -i <url> -c copy -f matroska - | npx doorstep upload -`,
      error,
    );
  }
}

/** Cameras' URLs often contain a password. */
function withoutPassword(url: string): string {
  const parsed = URL.parse(url);
  if (!parsed) return "camera";
  parsed.username = parsed.password = "";
  return parsed.href;
}
