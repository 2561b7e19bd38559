import { basename } from "node:path";
import {
  ALL_FORMATS,
  EncodedAudioPacketSource,
  EncodedPacket,
  EncodedPacketSink,
  EncodedVideoPacketSource,
  FilePathSource,
  Input,
  MkvOutputFormat,
  NullTarget,
  Output,
} from "mediabunny";
import type { InputAudioTrack, InputVideoTrack } from "mediabunny";
import { cluster, fragmentTags } from "./matroska.ts";
import type { ClusterFrame } from "./matroska.ts";
import { planFragments } from "./plan-fragments.ts";
import type { FragmentPlan, FrameFacts } from "./plan-fragments.ts";

/** A file that Kinesis Video Streams would not take; the message names the file, the reason and a remedy. */
export class UnsuitableClipError extends Error {
  override readonly name = "UnsuitableClipError";
}

/** A clip that was looked through and can be sent. */
export type Clip = {
  /** The file's name without its folder. */
  name: string;
  videoCodec: "avc" | "hevc";
  width: number;
  height: number;
  /** From the first video frame's start to the last one's end. */
  durationMs: number;
  /** Times count from the first video frame. */
  fragments: FragmentPlan[];
  /** What will not be sent, and why. */
  notices: string[];
  /**
   * The clip as Matroska for PutMedia, its encoded frames untouched: the header first, then one chunk per fragment,
   * led by the fragment's tags. The tag `doorstep.clip` holds the clip's name, `doorstep.clip-start-ms` the producer
   * time of its first frame. May be called once.
   */
  chunks(timing: ClipTiming): AsyncGenerator<Uint8Array>;
  /** Releases the file. */
  close(): void;
};

export type ClipTiming = {
  /** Producer time of the clip's first video frame, in epoch milliseconds. */
  startMs: number;
  /** ABSOLUTE: cluster times are producer times. RELATIVE: they count from the clip's first frame. */
  timecodeType: "ABSOLUTE" | "RELATIVE";
};

type Tracks = { video: InputVideoTrack; audio: InputAudioTrack | undefined; first: EncodedPacket };

/**
 * Looks through an MP4, MOV or Matroska file without sending anything. Throws {@link UnsuitableClipError} if its
 * video isn't H.264 or H.265, or can't be cut into fragments within Kinesis Video Streams' limits. AAC audio goes
 * along if it covers every fragment; other audio is left out with a notice.
 */
export async function openClip(file: string): Promise<Clip> {
  const name = basename(file);
  const input = new Input({ source: new FilePathSource(file), formats: ALL_FORMATS });
  try {
    if (!(await input.canRead())) throw new RangeError("not a video file; expected MP4, MOV or MKV");
    const video = await input.getPrimaryVideoTrack();
    const codec = await video?.getCodec();
    if (!video || (codec !== "avc" && codec !== "hevc"))
      throw new RangeError(
        `its video is ${video ? (codec ?? "of an unknown codec") : "missing"}; expected H.264 (avc) or H.265 (hevc)`,
      );
    if (!(await video.getDecoderConfig())?.description)
      throw new RangeError(
        "its decoder configuration is inside the frames; store it in MP4, MOV or MKV once more",
      );

    const first = await new EncodedPacketSink(video).getFirstKeyPacket();
    if (!first) throw new RangeError("it has no keyframe");
    const { frames, endMs } = await readFrameFacts(video, first);
    const fragments = planFragments(frames, endMs);
    const { audio, notices } = await chooseAudio(input, fragments, first.timestamp);
    const tracks = { video, audio, first };
    return {
      name,
      videoCodec: codec,
      width: await video.getCodedWidth(),
      height: await video.getCodedHeight(),
      durationMs: endMs,
      fragments,
      notices,
      chunks: (timing) => remux(name, tracks, fragments, timing),
      close: () => input.dispose(),
    };
  } catch (error) {
    input.dispose();
    if (error instanceof RangeError)
      throw new UnsuitableClipError(`${name}: ${error.message}`, { cause: error });
    throw error;
  }
}

async function readFrameFacts(video: InputVideoTrack, first: EncodedPacket) {
  const frames: FrameFacts[] = [];
  let lastStartMs = 0;
  let lastFrameMs = 0;
  for await (const packet of new EncodedPacketSink(video).packets(first, undefined, { metadataOnly: true })) {
    const atMs = (packet.timestamp - first.timestamp) * 1000;
    frames.push({ atMs, keyframe: packet.type === "key", sizeBytes: packet.byteLength });
    if (atMs < lastStartMs) continue;
    lastStartMs = atMs;
    lastFrameMs = packet.duration * 1000;
  }
  // Matroska need not say how long its last frame lasts: as long as the average frame, then.
  const endMs = lastStartMs + (lastFrameMs || lastStartMs / Math.max(1, frames.length - 1));
  return { frames, endMs };
}

async function chooseAudio(
  input: Input,
  fragments: FragmentPlan[],
  firstFrameS: number,
): Promise<{ audio: InputAudioTrack | undefined; notices: string[] }> {
  const audio = await input.getPrimaryAudioTrack();
  if (!audio) return { audio: undefined, notices: [] };
  const codec = await audio.getCodec();
  if (codec !== "aac")
    return {
      audio: undefined,
      notices: [`audio left out: it is ${codec ?? "of an unknown codec"}; only AAC is sent`],
    };
  const silent = new Set(fragments);
  for await (const { timestamp } of new EncodedPacketSink(audio).packets(undefined, undefined, {
    metadataOnly: true,
  })) {
    const atMs = (timestamp - firstFrameS) * 1000;
    const covered = fragments.findLast(({ startMs }) => startMs <= atMs);
    if (covered) silent.delete(covered);
  }
  // Each track must have a frame in each fragment (documented: PutMedia, error FRAMES_MISSING_FOR_TRACK).
  if (silent.size > 0)
    return {
      audio: undefined,
      notices: [`audio left out: ${silent.size} of ${fragments.length} fragments have none`],
    };
  return { audio, notices: [] };
}

async function* remux(
  name: string,
  { video, audio, first }: Tracks,
  fragments: readonly FragmentPlan[],
  { startMs, timecodeType }: ClipTiming,
): AsyncGenerator<Uint8Array> {
  yield await matroskaHeader(video, audio);
  const tags = fragmentTags([
    { name: "doorstep.clip", value: name },
    { name: "doorstep.clip-start-ms", value: String(startMs) },
  ]);
  const originMs = timecodeType === "ABSOLUTE" ? startMs : 0;
  const toFrame = (trackNumber: number, { data, type, timestamp }: EncodedPacket): ClusterFrame => ({
    trackNumber,
    atMs: originMs + (timestamp - first.timestamp) * 1000,
    keyframe: type === "key",
    data,
  });
  const pictures = new EncodedPacketSink(video).packets(first);
  const sounds = audio && new EncodedPacketSink(audio).packets();
  let sound = (await sounds?.next())?.value;
  for (const [i, fragment] of fragments.entries()) {
    const startAtMs = originMs + fragment.startMs;
    const endAtMs = originMs + (fragments[i + 1]?.startMs ?? Infinity);
    const pictureFrames: ClusterFrame[] = [];
    for (let n = 0; n < fragment.frames; n++) {
      const picture = (await pictures.next()).value;
      if (picture) pictureFrames.push(toFrame(videoTrackNumber, picture));
    }
    const soundFrames: ClusterFrame[] = [];
    for (; sounds && sound; sound = (await sounds.next()).value) {
      const frame = toFrame(audioTrackNumber, sound);
      if (frame.atMs >= endAtMs) break;
      if (frame.atMs >= startAtMs) soundFrames.push(frame);
    }
    const frames = interleave(pictureFrames, soundFrames);
    yield Buffer.concat([tags, cluster(Math.round(startAtMs), frames)]);
  }
}

/** Each sound before the first picture that comes later; the pictures keep their decode order. */
function interleave(pictures: ClusterFrame[], sounds: ClusterFrame[]): ClusterFrame[] {
  let next = 0;
  const frames = pictures.flatMap((picture) => {
    const from = next;
    while (next < sounds.length && sounds[next]!.atMs < picture.atMs) next++;
    return [...sounds.slice(from, next), picture];
  });
  return [...frames, ...sounds.slice(next)];
}

const videoTrackNumber = 1;
const audioTrackNumber = 2;

/** The EBML header, the Segment's start, Info and Tracks, as mediabunny writes them ahead of the first packets. */
async function matroskaHeader(
  video: InputVideoTrack,
  audio: InputAudioTrack | undefined,
): Promise<Uint8Array> {
  const header: Uint8Array[] = [];
  const output = new Output({
    format: new MkvOutputFormat({
      appendOnly: true,
      onEbmlHeader: (bytes) => header.push(bytes),
      onSegmentHeader: (bytes) => header.push(bytes),
    }),
    target: new NullTarget(),
  });
  const videoOut = new EncodedVideoPacketSource((await video.getCodec())!);
  output.addVideoTrack(videoOut);
  const audioOut = audio && new EncodedAudioPacketSource("aac");
  if (audioOut) output.addAudioTrack(audioOut);
  await output.start();
  const empty = new EncodedPacket(new Uint8Array(1), "key", 0, 0);
  await videoOut.add(empty, { decoderConfig: (await video.getDecoderConfig())! });
  if (audio) await audioOut?.add(empty, { decoderConfig: (await audio.getDecoderConfig())! });
  await output.finalize();
  return Buffer.concat(header);
}
