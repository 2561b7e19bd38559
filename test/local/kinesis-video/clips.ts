import { createHash } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { createCanvas } from "@napi-rs/canvas";
import { registerMediabunnyServer } from "@mediabunny/server";
import {
  ALL_FORMATS,
  AudioSample,
  AudioSampleSource,
  BufferSource,
  BufferTarget,
  EncodedPacketSink,
  FilePathSource,
  Input,
  Mp4OutputFormat,
  Output,
  Quality,
  VideoSample,
  VideoSampleSink,
  VideoSampleSource,
  type VideoCodec,
} from "mediabunny";
import { AV_LOG_QUIET, Log } from "node-av";
import {
  concatBytes,
  element,
  elementId,
  textElement,
  unsignedElement,
} from "../../../local/matroska/ebml.ts";
import { segmentStart } from "../../../local/matroska/index.ts";
import { uploadClip } from "../../../uploader/upload-clip.ts";
import type { TestCloud } from "../cloud.ts";
import type { Camera } from "./camera.ts";

registerMediabunnyServer({ hardwareContext: null });
Log.setLevel(AV_LOG_QUIET);

/** A synthetic clip: 16 s, 12 frames per second, 640 by 360, a keyframe every 2 s. */
export const FRONT_DOOR = "events/videos/front-door.mp4";
/** Producer time of the first frame. */
export const START_MS = 1_763_726_400_000;

/** Uploads a clip as the uploader does: a fragment at each keyframe. */
export async function record(
  local: TestCloud,
  { streamName }: Pick<Camera, "streamName"> & Partial<Camera>,
  file: string,
  startMs = START_MS,
): Promise<void> {
  const { endpoint } = local;
  const credentials = { accessKeyId: "test", secretAccessKey: "test" };
  await uploadClip({ file, streamName, startMs, endpoint, credentials, region: "us-east-1" });
}

const open = (clip: string | Uint8Array): Input =>
  new Input({
    source: typeof clip === "string" ? new FilePathSource(clip) : new BufferSource(clip),
    formats: ALL_FORMATS,
  });

/** A decoded frame: its time and its pixels. */
export interface ShownFrame {
  readonly atMs: number;
  readonly pixels: string;
}

export const pixelsOf = (rgba: Uint8Array): string => createHash("sha256").update(rgba).digest("hex");

/** Every frame of a clip, decoded. */
export async function framesOf(clip: string | Uint8Array): Promise<ShownFrame[]> {
  using input = open(clip);
  const frames: ShownFrame[] = [];
  // One for all frames: collecting the garbage of one per frame takes longer than decoding.
  let rgba = new Uint8Array();
  for await (using sample of new VideoSampleSink((await input.getPrimaryVideoTrack())!).samples()) {
    const sizeBytes = sample.allocationSize({ format: "RGBA" });
    if (rgba.length !== sizeBytes) rgba = new Uint8Array(sizeBytes);
    await sample.copyTo(rgba, { format: "RGBA" });
    frames.push({ atMs: Math.round(sample.timestamp * 1000), pixels: pixelsOf(rgba) });
  }
  return frames;
}

let frontDoorFrames: Promise<ShownFrame[]> | undefined;

/** Every frame of `FRONT_DOOR`, decoded once. */
export const framesOfFrontDoor = (): Promise<ShownFrame[]> => (frontDoorFrames ??= framesOf(FRONT_DOOR));

/** Every packet of a clip's tracks, as stored. */
export async function packetsOf(clip: string | Uint8Array) {
  using input = open(clip);
  const tracks = [];
  for (const track of await input.getTracks()) {
    const packets = [];
    for await (const { timestamp, data } of new EncodedPacketSink(track).packets())
      packets.push({ atMs: Math.round(timestamp * 1000), data: pixelsOf(data) });
    tracks.push({ type: track.type, codec: await track.getCodec(), packets });
  }
  return tracks;
}

export interface DrawnClip {
  readonly codec?: VideoCodec;
  readonly width?: number;
  readonly height?: number;
  readonly durationS: number;
  readonly frameRate?: number;
  readonly withSound?: boolean;
  readonly keyframeIntervalS?: number;
}

const SAMPLE_RATE = 48_000;

/** Draws and encodes a clip of a counter that changes with each frame, and a tone; with a keyframe every second by default. */
export async function drawClip(file: string, drawn: DrawnClip): Promise<string> {
  const { codec = "avc", width = 320, height = 180, durationS, frameRate = 10, withSound = false } = drawn;
  const { keyframeIntervalS = 1 } = drawn;
  const output = new Output({ format: new Mp4OutputFormat(), target: new BufferTarget() });
  const video = new VideoSampleSource({
    codec,
    quality: new Quality({ bitrate: 500_000 }),
    keyFrameInterval: keyframeIntervalS,
  });
  output.addVideoTrack(video);
  const sound =
    withSound && new AudioSampleSource({ codec: "aac", quality: new Quality({ bitrate: 64_000 }) });
  if (sound) output.addAudioTrack(sound);
  await output.start();
  const context = createCanvas(width, height).getContext("2d");
  for (let frame = 0; frame < durationS * frameRate; frame++) {
    context.fillStyle = `hsl(${frame * 7} 60% 40%)`;
    context.fillRect(0, 0, width, height);
    context.fillStyle = "white";
    context.fillRect((frame * 8) % width, height / 3, width / 10, height / 3);
    const rgba = context.getImageData(0, 0, width, height).data;
    using sample = new VideoSample(rgba, {
      format: "RGBA",
      codedWidth: width,
      codedHeight: height,
      timestamp: frame / frameRate,
      duration: 1 / frameRate,
    });
    await video.add(sample, { keyFrame: frame % (frameRate * keyframeIntervalS) === 0 });
  }
  if (sound) {
    const data = Float32Array.from({ length: SAMPLE_RATE * durationS }, (_, at) => Math.sin(at / 20) / 4);
    using tone = new AudioSample({
      data,
      format: "f32",
      numberOfChannels: 1,
      sampleRate: SAMPLE_RATE,
      timestamp: 0,
    });
    await sound.add(tone);
  }
  await output.finalize();
  await writeFile(file, new Uint8Array(output.target.buffer!));
  return file;
}

const pictureSize = element(
  elementId.video,
  unsignedElement(elementId.pixelWidth, 640),
  unsignedElement(elementId.pixelHeight, 360),
);
/** 48 kHz, of one channel. */
const soundFormat = element(
  0xe1,
  element(0xb5, new Uint8Array(new Float64Array([48_000]).buffer).reverse()),
  unsignedElement(0x9f, 1),
);

/** A Matroska header of tracks with these codecs; times are in milliseconds. */
export const headerOf = (...tracks: { codecId: string; codecPrivate?: Uint8Array }[]): Uint8Array =>
  concatBytes([
    segmentStart(),
    element(elementId.info, unsignedElement(elementId.timestampScale, 1_000_000)),
    element(
      elementId.tracks,
      ...tracks.map(({ codecId, codecPrivate }, index) =>
        element(
          elementId.trackEntry,
          unsignedElement(elementId.trackNumber, index + 1),
          unsignedElement(elementId.trackType, codecId.startsWith("V_") ? 1 : 2),
          textElement(elementId.codecId, codecId),
          ...(codecPrivate ? [element(elementId.codecPrivate, codecPrivate)] : []),
          ...(codecId.startsWith("V_") ? [pictureSize] : [soundFormat]),
        ),
      ),
    ),
  ]);

/** The H.264 decoder configuration of the synthetic clip. */
export async function h264CodecPrivate(): Promise<Uint8Array> {
  using input = open(FRONT_DOOR);
  const config = await (await input.getPrimaryVideoTrack())!.getDecoderConfig();
  return new Uint8Array(config!.description as Uint8Array);
}
