import { writeFile } from "node:fs/promises";
import {
  ALL_FORMATS,
  EncodedAudioPacketSource,
  EncodedPacket,
  EncodedPacketSink,
  EncodedVideoPacketSource,
  FilePathSource,
  BufferTarget,
  Input,
  MkvOutputFormat,
  Mp4OutputFormat,
  MpegTsOutputFormat,
  Output,
} from "mediabunny";
import type { AudioCodec } from "mediabunny";

/** A clip drawn for this project: 16 s, 12 frames a second, a keyframe every 2 s. */
export const frontDoorClip = "events/videos/front-door.mp4";

type Recipe = {
  codec?: "avc" | "vp8";
  durationS: number;
  keyframeEveryS: number;
  /** The first frame's time in the file. */
  firstFrameS?: number;
  /** After each keyframe, every second frame is shown before the one that is decoded before it. */
  bFrames?: boolean;
  /** Size of each frame, without the four bytes of its length. */
  frameBytes?: number;
  /** Each frame's time, instead of a constant rate. */
  framesAtS?: readonly number[];
  audio?: { codec: AudioCodec; fromS: number; toS: number };
  /** Whether it has 320 by 240 pixels instead of 640 by 360. */
  isSmall?: boolean;
  /** Degrees by which players turn the picture. */
  rotation?: 0 | 90 | 180 | 270;
};

const frameS = 0.1;
const audioPacketS = 0.05;

/** H.264 parameter sets of 320 by 240 pixels. */
const SMALL = Buffer.from(
  "0164000cffe100176764000cacb40a0fd80880000003008000000f078a155001000468ef0fcb",
  "hex",
);

/** Like `makeClip`, but of another size than every other clip. */
export const resized = (file: string, recipe: Recipe): Promise<string> =>
  makeClip(file, { ...recipe, isSmall: true });

/** Writes a clip whose frames have no picture, for tests that do not decode it. */
export async function makeClip(file: string, recipe: Recipe): Promise<string> {
  const { codec = "avc", frameBytes = 2, audio } = recipe;
  const output = new Output({ format: formatOf(file), target: new BufferTarget() });
  const frames = framesOf(recipe);
  const video = new EncodedVideoPacketSource(codec);
  if (frames.length > 0) output.addVideoTrack(video, { rotation: recipe.rotation ?? 0 });
  const sound = audio && new EncodedAudioPacketSource(audio.codec);
  if (sound) output.addAudioTrack(sound);
  await output.start();
  const decoderConfig =
    codec === "avc"
      ? recipe.isSmall
        ? { codec: "avc1.64000c", codedWidth: 320, codedHeight: 240, description: SMALL }
        : await drawnDecoderConfig()
      : { codec, codedWidth: 64, codedHeight: 64 };
  for (const { type, atS, durationS } of frames) {
    const data = Buffer.alloc(4 + frameBytes, 0x80);
    data.writeUInt32BE(frameBytes);
    data[4] = type === "key" ? 0x65 : 0x41;
    await video.add(new EncodedPacket(data, type, atS, durationS), { decoderConfig });
  }
  if (audio && sound) {
    const description = audio.codec === "aac" ? Uint8Array.of(0x11, 0x90) : undefined;
    const config = {
      codec: audio.codec === "aac" ? "mp4a.40.2" : audio.codec,
      sampleRate: 48_000,
      numberOfChannels: 2,
    };
    for (let packet = 0; packet < Math.round((audio.toS - audio.fromS) / audioPacketS); packet++)
      await sound.add(
        new EncodedPacket(Uint8Array.of(1, 2, 3), "key", audio.fromS + packet * audioPacketS, audioPacketS),
        {
          decoderConfig: { ...config, ...(description && { description }) },
        },
      );
  }
  await output.finalize();
  await writeFile(file, new Uint8Array(output.target.buffer!));
  return file;
}

/** In decode order. */
function framesOf({ durationS, keyframeEveryS, firstFrameS = 0, bFrames = false, framesAtS }: Recipe) {
  if (framesAtS)
    return framesAtS.map(
      (atS, i) =>
        ({
          atS,
          durationS: Math.max(0.01, (framesAtS[i + 1] ?? durationS) - atS),
          type:
            i === 0 || Math.floor(atS / keyframeEveryS) > Math.floor(framesAtS[i - 1]! / keyframeEveryS)
              ? "key"
              : "delta",
        }) as const,
    );
  const count = Math.round(durationS / frameS);
  const perGroup = Math.round(keyframeEveryS / frameS);
  return Array.from({ length: count }, (_, i) => {
    const place = i % perGroup;
    // After the keyframe, pairs of frames change places: 0 2 1 4 3 ...
    const isPaired =
      bFrames && place > 0 && i - place + perGroup <= count && (place % 2 === 0 || place + 1 < perGroup);
    const shown = isPaired ? i + (place % 2 === 1 ? 1 : -1) : i;
    return {
      atS: firstFrameS + shown * frameS,
      durationS: frameS,
      type: place === 0 ? "key" : "delta",
    } as const;
  });
}

function formatOf(file: string) {
  if (file.endsWith(".mp4")) return new Mp4OutputFormat();
  return file.endsWith(".ts") ? new MpegTsOutputFormat() : new MkvOutputFormat();
}

/** Remuxes the video of a clip into the container of the file's ending. */
export async function rewrapped(clip: string, file: string): Promise<string> {
  using input = new Input({ source: new FilePathSource(clip), formats: ALL_FORMATS });
  const track = (await input.getPrimaryVideoTrack())!;
  const output = new Output({ format: formatOf(file), target: new BufferTarget() });
  const video = new EncodedVideoPacketSource((await track.getCodec())!);
  output.addVideoTrack(video);
  await output.start();
  const decoderConfig = (await track.getDecoderConfig())!;
  for await (const packet of new EncodedPacketSink(track).packets())
    await video.add(packet, { decoderConfig });
  await output.finalize();
  await writeFile(file, new Uint8Array(output.target.buffer!));
  return file;
}

async function drawnDecoderConfig(): Promise<VideoDecoderConfig> {
  const input = new Input({ source: new FilePathSource(frontDoorClip), formats: ALL_FORMATS });
  const config = await (await input.getPrimaryVideoTrack())!.getDecoderConfig();
  input.dispose();
  return config!;
}
