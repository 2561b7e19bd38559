import { ALL_FORMATS, Input, ReadableStreamSource } from "mediabunny";
import { FragmentCutter, seconds, type CutFragment } from "./cut-fragments.ts";
import { FragmentBuffer } from "./fragment-buffer.ts";
import { readPackets, sourceError, toSourceFragment, type MediaPacket } from "./packets.ts";
import { SourceError, type VideoSource } from "./source.ts";
import { findAudio, findVideo, matroskaHeader, type AudioTrack, type VideoTrack } from "./tracks.ts";

interface LiveOptions {
  readonly name: string;
  /** Matroska, MPEG-TS or fragmented MP4, of any length. */
  readonly stream: ReadableStream<Uint8Array>;
  /**
   * What to do when fragments arrive faster than they can be sent: `wait` stops reading, for a source with backpressure;
   * `drop-oldest` keeps up with a source that does not wait.
   */
  readonly whenFull: "wait" | "drop-oldest";
  /** The most bytes to hold until they are safe. Default 64 MB, more than the largest fragment. */
  readonly bufferBytes?: number;
  /** Called once, when the source is closed. */
  readonly onClose?: () => void;
}

const DEFAULT_BUFFER_BYTES = 64_000_000;
/** How far back in the stream the demuxer may read. */
const CACHE_BYTES = 32 * 1024 * 1024;

/**
 * Opens a source of unknown length: fragments are cut at keyframes as they arrive.
 * @throws SourceError UNSUITABLE or CORRUPT when it does not begin with video that can be sent
 */
export async function openLive(options: LiveOptions): Promise<VideoSource> {
  const { name, stream, onClose } = options;
  const input = new Input({
    source: new ReadableStreamSource(stream, { maxCacheSize: CACHE_BYTES, handleUnhandledError: () => {} }),
    formats: ALL_FORMATS,
  });
  const close = async () => {
    input.dispose();
    onClose?.();
  };
  try {
    if (!(await input.canRead()))
      throw new SourceError("UNSUITABLE", "no video; expected MKV, MPEG-TS or fragmented MP4");
    const video = await findVideo(input);
    const { audio, notice } = await findAudio(input);
    const buffer = new FragmentBuffer(options.bufferBytes ?? DEFAULT_BUFFER_BYTES);
    const notices = notice ? [notice] : [];
    const headers = await headersOf(video, audio);
    const closing = new AbortController();
    let pumping: Promise<void> | undefined;
    const pump = () =>
      cutInto(buffer, { ...options, video, audio, headers, notices, signal: closing.signal }).catch(
        (error: unknown) => buffer.end(sourceError(name, error)),
      );
    return {
      name,
      videoCodec: video.codec,
      width: video.config.codedWidth ?? 0,
      height: video.config.codedHeight ?? 0,
      recordedAtMs: undefined,
      plan: undefined,
      notices,
      async *fragments(from, signal) {
        pumping ??= pump();
        for (let next = from; ;) {
          const fragment = await buffer.take(next, signal);
          if (!fragment) return;
          yield fragment;
          next = fragment.index + 1;
        }
      },
      release: (below) => buffer.release(below),
      async close() {
        closing.abort();
        await close();
        buffer.end();
      },
    };
  } catch (error) {
    await close();
    throw sourceError(name, error);
  }
}

interface Headers {
  readonly whole: Uint8Array;
  readonly withoutAudio: Uint8Array;
}

const headersOf = async (video: VideoTrack, audio: AudioTrack | undefined): Promise<Headers> => ({
  whole: await matroskaHeader(video, audio),
  withoutAudio: await matroskaHeader(video, undefined),
});

interface Pump extends Pick<LiveOptions, "whenFull"> {
  readonly video: VideoTrack;
  readonly audio: AudioTrack | undefined;
  readonly headers: Headers;
  readonly notices: string[];
  readonly signal: AbortSignal;
}

async function cutInto(buffer: FragmentBuffer, pump: Pump): Promise<void> {
  const { video, audio, headers, notices, whenFull, signal } = pump;
  const cutter = new FragmentCutter<MediaPacket>();
  let index = 0;
  let sendsAudio = audio !== undefined;
  const store = async (cut: CutFragment<MediaPacket> | undefined): Promise<void> => {
    if (!cut) return;
    // Each track must have a frame in each fragment (documented: PutMedia, error FRAMES_MISSING_FOR_TRACK).
    if (sendsAudio && !cut.hasAudio) {
      sendsAudio = false;
      notices.push(`audio left out from ${seconds(cut.startMs)} on: a fragment has none`);
    }
    const packets = sendsAudio ? cut.packets : cut.packets.filter(({ track }) => track === "video");
    const header = sendsAudio ? headers.whole : headers.withoutAudio;
    const fragment = toSourceFragment(index++, header, { ...cut, packets });
    while (whenFull === "wait" && !buffer.hasRoom(fragment.sizeBytes) && !signal.aborted)
      await buffer.change(signal);
    buffer.push(fragment);
  };
  for await (const packet of readPackets(video, audio)) {
    if (signal.aborted) return;
    await store(cutter.add(packet));
  }
  await store(cutter.end());
  buffer.end();
}
