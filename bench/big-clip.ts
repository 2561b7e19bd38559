import { fileURLToPath } from "node:url";
import {
  EncodedPacket,
  EncodedPacketSink,
  EncodedVideoPacketSource,
  FilePathSource,
  FilePathTarget,
  Input,
  MP4,
  Mp4OutputFormat,
  Output,
} from "mediabunny";

const SAMPLE = fileURLToPath(new URL("../events/videos/front-door.mp4", import.meta.url));

/** Frame sizes of a clip. */
export interface FrameSizes {
  readonly keyframeBytes: number;
  readonly otherBytes: number;
}

const FILLER_DATA = 0x0c;

/**
 * Writes a valid H.264 MP4 of that size, with 12 frames per second and a keyframe every two seconds: the sample clip
 * repeated, each frame followed by a filler unit (ITU-T H.264, 7.3.2.7), which decoders skip.
 */
export async function writeBigClip(
  file: string,
  sizeBytes: number,
  { keyframeBytes, otherBytes }: FrameSizes,
): Promise<void> {
  using sample = new Input({ source: new FilePathSource(SAMPLE), formats: [MP4] });
  const track = (await sample.getPrimaryVideoTrack())!;
  const decoderConfig = (await track.getDecoderConfig())!;
  const packets: EncodedPacket[] = [];
  for await (const packet of new EncodedPacketSink(track).packets()) packets.push(packet);
  const lapS = packets.at(-1)!.timestamp + packets.at(-1)!.duration;

  const output = new Output({
    format: new Mp4OutputFormat({ fastStart: false }),
    target: new FilePathTarget(file),
  });
  const video = new EncodedVideoPacketSource("avc");
  output.addVideoTrack(video);
  await output.start();
  let writtenBytes = 0;
  for (let frame = 0; writtenBytes < sizeBytes; frame++) {
    const packet = packets[frame % packets.length]!;
    const frameBytes = packet.type === "key" ? keyframeBytes : otherBytes;
    const data = Buffer.concat([packet.data, filler(frameBytes - packet.data.length)]);
    writtenBytes += frameBytes;
    const timestamp = (frame * lapS) / packets.length;
    await video.add(packet.clone({ data, timestamp }), { decoderConfig });
  }
  await output.finalize();
}

/** A filler unit with its length before it: bytes of ones, then the stop bit. */
function filler(totalBytes: number): Buffer {
  const unit = Buffer.alloc(totalBytes, 0xff);
  unit.writeUInt32BE(totalBytes - 4, 0);
  unit[4] = FILLER_DATA;
  unit[totalBytes - 1] = 0x80;
  return unit;
}
