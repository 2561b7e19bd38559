import { ALL_FORMATS, Input, ReadableStreamSource } from "mediabunny";
import { FragmentCutter, type CutFragment } from "./cut-fragments.ts";
import { Formats, type Format } from "./formats.ts";
import { FragmentBuffer } from "./fragment-buffer.ts";
import { FrameClock } from "./frame-clock.ts";
import { Losses, rotationLoss } from "./losses.ts";
import { readPackets, sourceError, toSourceFragment, type MediaPacket, type Tracks } from "./packets.ts";
import { SourceError, type VideoSource } from "./source.ts";
import { StreamFiles } from "./split-stream.ts";
import { findAudio, findVideo } from "./tracks.ts";
import { transportAudio } from "./transport-audio.ts";

interface LiveOptions {
  readonly name: string;
  /** Matroska, MPEG-TS or fragmented MP4, of any length. */
  readonly stream: AsyncIterable<Uint8Array>;
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
 * Opens a source of unknown length: fragments are cut at keyframes as they arrive. Files that follow one another in the
 * stream are sent one after another.
 * @throws SourceError UNSUITABLE or CORRUPT when it does not begin with video that can be sent
 */
export async function openLive(options: LiveOptions): Promise<VideoSource> {
  const { name, stream, onClose } = options;
  const files = new StreamFiles(stream);
  let input: Input | undefined;
  const close = async () => {
    input?.dispose();
    // Not awaited: it ends with the chunk that is being waited for.
    void files.close().catch(() => {});
    onClose?.();
  };
  const losses = new Losses();
  const known: Format[] = [];
  const openNext = async (): Promise<Tracks> => {
    input?.dispose();
    const transport: Buffer[] = [];
    input = openInput(watched(files.next(), transport));
    if (!(await input.canRead()))
      throw new SourceError("UNSUITABLE", "no video; expected MKV, MPEG-TS or fragmented MP4");
    const video = await findVideo(input);
    const { audio, notice } = await findAudio(input);
    const unread = audio ? undefined : transportAudio(Buffer.concat(transport));
    const reason = notice ?? (unread === undefined ? undefined : `it is ${unread}; only AAC is sent`);
    if (reason !== undefined) losses.add({ kind: "audio", atMs: 0, reason });
    if (video.rotation !== 0) losses.add(rotationLoss(video.rotation));
    return { video, audio, formats: new Formats(video, audio, known) };
  };
  try {
    const first = await openNext();
    const { video } = first;
    const buffer = new FragmentBuffer(options.bufferBytes ?? DEFAULT_BUFFER_BYTES);
    const closing = new AbortController();
    let pumping: Promise<void> | undefined;
    const parts = async function* (): AsyncGenerator<Tracks> {
      yield first;
      while (await files.hasNext()) yield await openNext();
    };
    const pump = () =>
      cutInto(buffer, { ...options, parts: parts(), losses, signal: closing.signal }).catch(
        (error: unknown) => buffer.end(sourceError(name, error)),
      );
    return {
      name,
      videoCodec: video.codec,
      width: video.config.codedWidth ?? 0,
      height: video.config.codedHeight ?? 0,
      recordedAtMs: undefined,
      plan: undefined,
      losses,
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

const openInput = (stream: AsyncIterable<Uint8Array>): Input =>
  new Input({
    source: new ReadableStreamSource(ReadableStream.from(stream) as ReadableStream<Uint8Array>, {
      maxCacheSize: CACHE_BYTES,
      handleUnhandledError: () => {},
    }),
    formats: ALL_FORMATS,
  });

/** Enough for the tables of a transport stream. */
const WATCHED_BYTES = 200_000;

/** The chunks, with the first of them kept. */
async function* watched(chunks: AsyncIterable<Uint8Array>, kept: Buffer[]): AsyncGenerator<Uint8Array> {
  let keptBytes = 0;
  for await (const chunk of chunks) {
    if (keptBytes < WATCHED_BYTES) kept.push(Buffer.from(chunk));
    keptBytes += chunk.length;
    yield chunk;
  }
}

interface Pump extends Pick<LiveOptions, "whenFull"> {
  /** The files of the stream, each as the one before has ended. */
  readonly parts: AsyncIterable<Tracks>;
  readonly losses: Losses;
  readonly signal: AbortSignal;
}

async function cutInto(buffer: FragmentBuffer, pump: Pump): Promise<void> {
  const { parts, losses, whenFull, signal } = pump;
  const cutter = new FragmentCutter<MediaPacket>();
  const clock = new FrameClock<MediaPacket>(losses);
  let index = 0;
  let sendsAudio = true;
  let hasAudio = false;
  let originS: number | undefined;
  const store = async (cut: CutFragment<MediaPacket>): Promise<void> => {
    // Each track must have a frame in each fragment (documented: PutMedia, error FRAMES_MISSING_FOR_TRACK).
    if (sendsAudio && !cut.hasAudio) {
      sendsAudio = false;
      if (hasAudio) losses.add({ kind: "audio", atMs: cut.startMs, reason: "a fragment has none" });
    }
    const packets = sendsAudio ? cut.packets : cut.packets.filter(({ track }) => track === "video");
    const { header, headerWithoutAudio } = packets[0]!.format!;
    const fragment = toSourceFragment(index++, sendsAudio ? header : headerWithoutAudio, { ...cut, packets });
    while (whenFull === "wait" && !buffer.hasRoom(fragment.sizeBytes) && !signal.aborted)
      await buffer.change(signal);
    buffer.push(fragment);
  };
  try {
    for await (const tracks of parts) {
      if (tracks.audio && !sendsAudio)
        losses.add({ kind: "audio", atMs: 0, reason: "not all of the files in the stream have some" });
      hasAudio ||= tracks.audio !== undefined;
      originS ??= tracks.video.first.timestamp;
      for await (const packet of readPackets(tracks, { originS, clock })) {
        if (signal.aborted) return;
        const cut = cutter.add(packet);
        if (cut) await store(cut);
      }
    }
  } finally {
    // What has arrived is sent, whatever ended the source.
    for (const cut of cutter.end()) await store(cut);
    losses.addBeforeKeyframe(cutter.leftOut);
  }
  buffer.end();
}
