import {
  BufferSource,
  EncodedPacket,
  EncodedPacketSink,
  Input,
  MATROSKA,
  type InputAudioTrack,
  type InputTrack,
  type InputVideoTrack,
} from "mediabunny";
import { SECOND_MS } from "../../../base/durations.ts";
import { errorMessage } from "../../../base/errors.ts";
import { AwsError } from "../../errors.ts";
import { invalidCodecPrivateData, invalidMediaFrame } from "../errors.ts";
import { playableFile, timecodeMs } from "../../matroska/index.ts";
import type { ParsedMedia } from "./parse.ts";
import { checkFrame, type PlayableTrack } from "./tracks.ts";

/** The packets of one track of a fragment, and their decoder's configuration. */
export interface TrackPackets {
  readonly playable: PlayableTrack;
  readonly config: VideoDecoderConfig | AudioDecoderConfig;
  readonly width: number;
  readonly height: number;
  /** In decode order; times are seconds from the fragment's start. */
  readonly packets: readonly EncodedPacket[];
}

/**
 * The packets of a fragment's tracks. Matroska states no duration for the packet shown last; it gets the average.
 * @throws AwsError InvalidMediaFrameException, InvalidCodecPrivateDataException
 */
export async function readPackets(
  { header, cluster }: ParsedMedia,
  tracks: readonly PlayableTrack[],
  lengthMs: number,
): Promise<TrackPackets[]> {
  const startS = timecodeMs(cluster.timecode, header.timecodeScaleNs) / SECOND_MS;
  using input = new Input({ source: new BufferSource(playableFile(header, [cluster])), formats: [MATROSKA] });
  const found = await input.getTracks().catch(refuseFrames);
  const read: TrackPackets[] = [];
  for (const playable of tracks) {
    const track = found.find(({ id }) => id === playable.track.number);
    if (!track)
      throw invalidMediaFrame(
        `Track ${playable.track.number} could not be read: it has no frames, or no description of them.`,
      );
    const packets = await packetsOf(track, playable, startS, lengthMs / 1000).catch(refuseFrames);
    read.push({ playable, packets, ...(await configOf(track)) });
  }
  return read;
}

async function packetsOf(
  track: InputTrack,
  playable: PlayableTrack,
  startS: number,
  lengthS: number,
): Promise<EncodedPacket[]> {
  const packets: EncodedPacket[] = [];
  for await (const packet of new EncodedPacketSink(track).packets()) {
    checkFrame(playable, packet.data);
    const timestamp = packet.timestamp - startS;
    // The muxers require a key packet first; a fragment that continues the previous one's pictures has none.
    const type = packets.length === 0 ? "key" : packet.type;
    packets.push(packet.clone({ timestamp, type }));
  }
  return fillLast(packets, lengthS);
}

/** Sets an unknown duration of the packet shown last to the average, within the fragment. */
function fillLast(packets: EncodedPacket[], lengthS: number): EncodedPacket[] {
  let [first, last] = [0, 0];
  for (const [at, { timestamp }] of packets.entries()) {
    if (timestamp < packets[first]!.timestamp) first = at;
    if (timestamp > packets[last]!.timestamp) last = at;
  }
  const packet = packets[last];
  if (!packet || packet.duration > 0) return packets;
  const averageS = (packet.timestamp - packets[first]!.timestamp) / (packets.length - 1 || 1);
  const leftS = Math.max(0, lengthS - packet.timestamp);
  packets[last] = packet.clone({ duration: averageS > 0 ? Math.min(averageS, leftS) : leftS });
  return packets;
}

async function configOf(track: InputTrack): Promise<Pick<TrackPackets, "config" | "width" | "height">> {
  try {
    const config = await (track as InputVideoTrack | InputAudioTrack).getDecoderConfig();
    if (!config) throw new Error("no decoder is available");
    if (!track.isVideoTrack()) return { config, width: 0, height: 0 };
    return { config, width: await track.getDisplayWidth(), height: await track.getDisplayHeight() };
  } catch (error) {
    throw invalidCodecPrivateData(
      `The codec private data of track ${track.id} is not valid: ${errorMessage(error)}`,
    );
  }
}

function refuseFrames(error: unknown): never {
  if (error instanceof AwsError) throw error;
  throw invalidMediaFrame(`A fragment could not be parsed: ${errorMessage(error)}`);
}
