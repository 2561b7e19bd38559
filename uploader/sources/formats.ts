import {
  BufferSource,
  BufferTarget,
  EncodedPacket,
  EncodedVideoPacketSource,
  Input,
  MPEG_TS,
  MpegTsOutputFormat,
  Output,
} from "mediabunny";
import { annexBOf, bufferOf } from "./bitstream.ts";
import { SourceError } from "./source.ts";
import { describeAnnexB, matroskaHeader, type AudioTrack, type VideoTrack } from "./tracks.ts";

/** The coding parameters of video, as the Matroska headers that describe them. */
export interface Format {
  readonly header: Uint8Array;
  readonly headerWithoutAudio: Uint8Array;
  /** The decoder configuration, which contains the sequence parameter sets. */
  readonly description: Buffer;
}

/**
 * The formats of a track. Its keyframes may bring new parameter sets, for example where a camera changes its resolution or
 * a recorder puts two recordings behind one another: then there is a new format.
 */
export class Formats {
  readonly #video: VideoTrack;
  readonly #audio: AudioTrack | undefined;
  readonly #known: Format[];
  #current: Format | undefined;

  /** @param known the formats of other files whose fragments are sent in turn with this one's */
  constructor(video: VideoTrack, audio: AudioTrack | undefined, known: Format[] = []) {
    this.#video = video;
    this.#audio = audio;
    this.#known = known;
  }

  /**
   * The format of a keyframe: the one before, unless it brings sequence parameter sets that the one before lacks.
   * @param data as stored in the file
   * @throws SourceError UNSUITABLE for new parameters that cannot be read
   */
  async of(data: Uint8Array): Promise<Format> {
    const { codec, config } = this.#video;
    this.#current ??= await this.#add(config);
    const sets = [...this.#video.units(data)].filter((unit) => isSequenceParameterSet(codec, unit));
    const describes = ({ description }: Format) => sets.every((set) => description.includes(bufferOf(set)));
    if (describes(this.#current)) return this.#current;
    const known = this.#known.find(describes);
    return (this.#current = known ?? (await this.#add(await this.#configOf(data))));
  }

  async #add(config: VideoDecoderConfig): Promise<Format> {
    const video = { ...this.#video, config };
    const headerWithoutAudio = await matroskaHeader(video, undefined);
    const format = {
      header: this.#audio ? await matroskaHeader(video, this.#audio) : headerWithoutAudio,
      headerWithoutAudio,
      description: bufferOf(config.description!),
    };
    const same = this.#known.find(({ header }) => Buffer.compare(header, format.header) === 0);
    if (!same) this.#known.push(format);
    return same ?? format;
  }

  async #configOf(data: Uint8Array): Promise<VideoDecoderConfig> {
    const { codec } = this.#video;
    const annexB = new EncodedPacket(annexBOf(this.#video.units(data)), "key", 0, 1);
    try {
      const config = await configOfAnnexB(codec, annexB);
      return { ...config, description: await describeAnnexB(codec, config, annexB) };
    } catch (error) {
      throw new SourceError(
        "UNSUITABLE",
        "its video changes its coding parameters to some that cannot be read; encode it again",
        error,
      );
    }
  }
}

const AVC_SPS = 7;
const HEVC_SPS = 33;

const isSequenceParameterSet = (codec: "avc" | "hevc", unit: Uint8Array): boolean =>
  codec === "avc" ? (unit[0]! & 0x1f) === AVC_SPS : ((unit[0]! >> 1) & 0x3f) === HEVC_SPS;

/** Reads the size and profile in a keyframe's parameter sets, as a demuxer does: from a transport stream of it alone. */
async function configOfAnnexB(codec: "avc" | "hevc", keyframe: EncodedPacket): Promise<VideoDecoderConfig> {
  const output = new Output({ format: new MpegTsOutputFormat(), target: new BufferTarget() });
  const source = new EncodedVideoPacketSource(codec);
  output.addVideoTrack(source);
  await output.start();
  const anything = {
    codec: codec === "avc" ? "avc1.42001e" : "hev1.1.6.L93.B0",
    codedWidth: 2,
    codedHeight: 2,
  };
  await source.add(keyframe, { decoderConfig: anything });
  await output.finalize();
  using written = new Input({ source: new BufferSource(output.target.buffer!), formats: [MPEG_TS] });
  const config = await (await written.getPrimaryVideoTrack())?.getDecoderConfig();
  if (!config) throw new Error("no decoder configuration");
  return config;
}
