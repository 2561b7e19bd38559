import { AvFrameVideoSampleResource } from "@mediabunny/server";
import { VideoSample, type EncodedPacket } from "mediabunny";
import {
  AV_CODEC_ID_H264,
  AV_CODEC_ID_HEVC,
  AV_LOG_QUIET,
  AVERROR_EAGAIN,
  AVERROR_EOF,
  AVMEDIA_TYPE_VIDEO,
  Codec,
  CodecContext,
  FFmpegError,
  Frame,
  Log,
  Packet,
  Rational,
} from "node-av";

Log.setLevel(AV_LOG_QUIET);

const CODECS = { avc: AV_CODEC_ID_H264, hevc: AV_CODEC_ID_HEVC } as const;
type DecodedCodec = keyof typeof CODECS;
export const isDecoded = (codec: string | null): codec is DecodedCodec => codec !== null && codec in CODECS;

const SQUARE_PIXELS = new Rational(1, 1);
const TIME_BASE = { num: 1, den: 1_000_000 };

export const microseconds = (timestampS: number): number => Math.round(timestampS * 1e6);

/**
 * Decodes packets in software, which returns the same pixels on every machine and does not search for graphics cards. Frames
 * are in the order in which they are shown; the caller closes them. Mediabunny's own sink is not used because a broken
 * packet becomes an unhandled rejection there.
 * @throws Error for a packet that cannot be decoded
 */
export async function* decode(
  codec: DecodedCodec,
  config: VideoDecoderConfig,
  packets: Iterable<EncodedPacket>,
): AsyncGenerator<VideoSample> {
  const [context, packet, frame] = [new CodecContext(), new Packet(), new Frame()];
  packet.alloc();
  frame.alloc();
  try {
    await openContext(context, codec, config);
    for (const { data, timestamp, type } of packets) {
      packet.data = Buffer.from(data);
      packet.timeBase = TIME_BASE;
      packet.pts = BigInt(microseconds(timestamp));
      packet.isKeyframe = type === "key";
      FFmpegError.throwIfError(await context.sendPacket(packet), "the video cannot be decoded");
      packet.unref();
      yield* received(context, frame);
    }
    FFmpegError.throwIfError(await context.sendPacket(null), "the video cannot be decoded");
    yield* received(context, frame);
  } finally {
    context.freeContext();
    frame.free();
    packet.free();
  }
}

async function openContext(
  context: CodecContext,
  codec: DecodedCodec,
  { codedWidth = 0, codedHeight = 0, description }: VideoDecoderConfig,
): Promise<void> {
  const decoder = Codec.findDecoder(CODECS[codec]);
  if (!decoder) throw new Error(`there is no decoder for ${codec}`);
  context.allocContext3(decoder);
  context.codecType = AVMEDIA_TYPE_VIDEO;
  context.codecId = CODECS[codec];
  context.width = codedWidth;
  context.height = codedHeight;
  // One per core.
  context.threadCount = 0;
  context.extraData = description ? Buffer.from(description as Uint8Array) : null;
  FFmpegError.throwIfError(await context.open2(decoder), "the decoder cannot be set up");
}

async function* received(context: CodecContext, frame: Frame): AsyncGenerator<VideoSample> {
  for (;;) {
    const result = await context.receiveFrame(frame);
    if (result === AVERROR_EAGAIN || result === AVERROR_EOF) return;
    FFmpegError.throwIfError(result, "the video cannot be decoded");
    const copy = frame.clone();
    if (!copy) throw new Error("there is no memory for a frame");
    // 0 for a video that does not state its pixels' shape (documented: FFmpeg, AVFrame); mediabunny divides by it.
    if (copy.sampleAspectRatio.num === 0) copy.sampleAspectRatio = SQUARE_PIXELS;
    yield new VideoSample(new AvFrameVideoSampleResource(copy), {
      timestamp: Number(frame.pts) / 1e6,
      duration: 0,
    });
  }
}
