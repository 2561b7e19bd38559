import {
  EncodedAudioPacketSource,
  EncodedPacketSink,
  EncodedVideoPacketSource,
  FilePathSource,
  FilePathTarget,
  Input,
  MP4,
  Mp4OutputFormat,
  Output,
  type AudioCodec,
  type EncodedPacket,
  type InputAudioTrack,
  type InputVideoTrack,
  type VideoCodec,
} from "mediabunny";

/** The read cache of a part. */
const CACHE_BYTES = 4 * 1024 * 1024;

/** An MP4 file, and the time of its first frame in the joined file. */
export interface JoinedPart {
  readonly file: string;
  readonly atMs: number;
  /** Names the part in messages, e.g. its start. */
  readonly name: string;
}

/** The duration of an MP4 file's video, from its first frame to the end of its last. */
export async function videoDurationMs(file: string): Promise<number> {
  using input = openPart(file);
  const video = await input.getPrimaryVideoTrack();
  if (!video) throw new Error("the clip that GetClip returned has no video");
  return ((await video.computeDuration()) - (await video.getFirstTimestamp())) * 1000;
}

/**
 * Joins MP4 files without re-encoding and with little of them in memory. Each begins at its time, or at the end of the
 * previous part if that is later; during a gap the last frame is shown.
 * @throws Error that names the part where the video's format changes: an MP4 track has one format
 */
export async function joinParts(
  parts: readonly JoinedPart[],
  file: string,
  { signal, onPart }: { signal?: AbortSignal; onPart?: (joined: number) => void } = {},
): Promise<void> {
  const output = new Output({
    format: new Mp4OutputFormat({ fastStart: false }),
    target: new FilePathTarget(file),
  });
  let joint: Joint | undefined;
  try {
    for (const [index, part] of parts.entries()) {
      using input = openPart(part.file);
      const tracks = await tracksOf(input);
      if (joint) joint.check(tracks, part.name);
      else {
        joint = new Joint(output, tracks);
        await output.start();
      }
      await joint.add(tracks, part.atMs / 1000, signal);
      onPart?.(index + 1);
    }
    await output.finalize();
  } catch (error) {
    await output.cancel().catch(() => {});
    throw error;
  }
}

const openPart = (file: string): Input =>
  new Input({ source: new FilePathSource(file, { maxCacheSize: CACHE_BYTES }), formats: [MP4] });

interface Track<T, Config> {
  readonly track: T;
  readonly config: Config;
}

interface Tracks {
  readonly video: Track<InputVideoTrack, VideoDecoderConfig> & { readonly codec: VideoCodec };
  readonly audio: (Track<InputAudioTrack, AudioDecoderConfig> & { readonly codec: AudioCodec }) | undefined;
}

async function tracksOf(input: Input): Promise<Tracks> {
  const video = await input.getPrimaryVideoTrack();
  const [codec, config] = [await video?.getCodec(), await video?.getDecoderConfig()];
  if (!video || !codec || !config) throw new Error("the clip that GetClip returned has no readable video");
  const audio = await input.getPrimaryAudioTrack();
  const [audioCodec, audioConfig] = [await audio?.getCodec(), await audio?.getDecoderConfig()];
  return {
    video: { track: video, codec, config },
    audio:
      audio && audioCodec && audioConfig
        ? { track: audio, codec: audioCodec, config: audioConfig }
        : undefined,
  };
}

/** The joined file while it is written. */
class Joint {
  readonly #tracks: Tracks;
  readonly #video: EncodedVideoPacketSource;
  readonly #audio: EncodedAudioPacketSource | undefined;
  /** In seconds of the joined file. */
  #videoEnd = 0;
  #audioEnd = 0;

  constructor(output: Output, tracks: Tracks) {
    this.#tracks = tracks;
    this.#video = new EncodedVideoPacketSource(tracks.video.codec);
    output.addVideoTrack(this.#video);
    this.#audio = tracks.audio && new EncodedAudioPacketSource(tracks.audio.codec);
    if (this.#audio) output.addAudioTrack(this.#audio);
  }

  /** @throws Error when the part's format differs from the parts before */
  check({ video, audio }: Tracks, name: string): void {
    const before = formatOf(this.#tracks.video.config);
    const now = formatOf(video.config);
    if (before !== now || !sameBytes(this.#tracks.video.config.description, video.config.description))
      throw new Error(
        `the video's format changes at ${name}${before === now ? "" : `, from ${before} to ${now}`}; ` +
          "fetch one clip up to then and another one from then on",
      );
    if (this.#audio && audio && formatOf(this.#tracks.audio!.config) !== formatOf(audio.config))
      throw new Error(
        `the audio's format changes at ${name}; fetch one clip up to then and another one from then on`,
      );
  }

  /** Adds the packets of both tracks, interleaved by time. */
  async add({ video, audio }: Tracks, atS: number, signal?: AbortSignal): Promise<void> {
    const shift = Math.max(atS, this.#videoEnd) - (await video.track.getFirstTimestamp());
    const sounds = audio && this.#audio ? new EncodedPacketSink(audio.track).packets() : undefined;
    let sound = await nextOf(sounds);
    for await (const frame of new EncodedPacketSink(video.track).packets()) {
      signal?.throwIfAborted();
      for (; sound && sound.timestamp <= frame.timestamp; sound = await nextOf(sounds))
        await this.#addSound(sound, shift);
      const timestamp = frame.timestamp + shift;
      await this.#video.add(frame.clone({ timestamp }), { decoderConfig: this.#tracks.video.config });
      this.#videoEnd = Math.max(this.#videoEnd, timestamp + frame.duration);
    }
    for (; sound; sound = await nextOf(sounds)) await this.#addSound(sound, shift);
  }

  /** Leaves out sound before the start of the file, or that overlaps the sound of the previous part. */
  async #addSound(sound: EncodedPacket, shift: number): Promise<void> {
    const timestamp = sound.timestamp + shift;
    if (timestamp < this.#audioEnd - sound.duration / 2) return;
    const at = Math.max(timestamp, this.#audioEnd);
    await this.#audio!.add(sound.clone({ timestamp: at }), { decoderConfig: this.#tracks.audio!.config });
    this.#audioEnd = at + sound.duration;
  }
}

async function nextOf(
  packets: AsyncGenerator<EncodedPacket> | undefined,
): Promise<EncodedPacket | undefined> {
  const next = await packets?.next();
  return next?.done === false ? next.value : undefined;
}

const formatOf = (config: VideoDecoderConfig | AudioDecoderConfig): string =>
  "codedWidth" in config
    ? `${config.codec} ${config.codedWidth}x${config.codedHeight}`
    : `${config.codec} ${"sampleRate" in config ? config.sampleRate : ""}`;

type Description = VideoDecoderConfig["description"];

const sameBytes = (a: Description, b: Description): boolean => bytesOf(a).equals(bytesOf(b));

function bytesOf(source: Description): Buffer {
  if (source === undefined) return Buffer.alloc(0);
  return ArrayBuffer.isView(source)
    ? Buffer.from(source.buffer, source.byteOffset, source.byteLength)
    : Buffer.from(source);
}
