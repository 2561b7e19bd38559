import { writeFile } from "node:fs/promises";
import {
  ALL_FORMATS,
  EncodedAudioPacketSource,
  EncodedPacket,
  EncodedVideoPacketSource,
  FilePathSource,
  BufferTarget,
  Input,
  MkvOutputFormat,
  Mp4OutputFormat,
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
  audio?: { codec: AudioCodec; fromS: number; toS: number };
};

const frameS = 0.1;
const audioPacketS = 0.05;

/** Writes a clip whose frames hold no picture: for what is decided without decoding. */
export async function makeClip(file: string, recipe: Recipe): Promise<string> {
  const { codec = "avc", durationS, keyframeEveryS, firstFrameS = 0, audio } = recipe;
  const format = file.endsWith(".mp4") ? new Mp4OutputFormat() : new MkvOutputFormat();
  const output = new Output({ format, target: new BufferTarget() });
  const video = new EncodedVideoPacketSource(codec);
  output.addVideoTrack(video);
  const sound = audio && new EncodedAudioPacketSource(audio.codec);
  if (sound) output.addAudioTrack(sound);
  await output.start();
  const decoderConfig =
    codec === "avc" ? await drawnDecoderConfig() : { codec, codedWidth: 64, codedHeight: 64 };
  for (let frame = 0; frame < Math.round(durationS / frameS); frame++) {
    const type = frame % Math.round(keyframeEveryS / frameS) === 0 ? "key" : "delta";
    const data = Uint8Array.of(0, 0, 0, 2, type === "key" ? 0x65 : 0x41, 0x80);
    await video.add(new EncodedPacket(data, type, firstFrameS + frame * frameS, frameS), { decoderConfig });
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

async function drawnDecoderConfig(): Promise<VideoDecoderConfig> {
  const input = new Input({ source: new FilePathSource(frontDoorClip), formats: ALL_FORMATS });
  const config = await (await input.getPrimaryVideoTrack())!.getDecoderConfig();
  input.dispose();
  return config!;
}
