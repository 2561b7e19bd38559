import {
  EncodedAudioPacketSource,
  EncodedVideoPacketSource,
  type EncodedPacket,
  type Output,
} from "mediabunny";
import type { TrackPackets } from "./packets.ts";
import type { PlayableTrack } from "./tracks.ts";

/** Adds packets of one track to an output; times are seconds on the output's timeline. */
export type AddPackets = (read: TrackPackets, offsetS: number) => Promise<void>;

/** Adds these tracks, in their order, to an output that is not started yet. */
export function addTracks(output: Output, tracks: readonly PlayableTrack[]): AddPackets {
  const sources = new Map(tracks.map((playable) => [playable.track.number, addTrack(output, playable)]));
  return async ({ playable, packets, config }, offsetS) => {
    const add = sources.get(playable.track.number)!;
    for (const packet of packets) await add(packet.clone({ timestamp: packet.timestamp + offsetS }), config);
  };
}

function addTrack(
  output: Output,
  { kind, codec }: PlayableTrack,
): (packet: EncodedPacket, config: TrackPackets["config"]) => Promise<void> {
  if (kind === "video") {
    const source = new EncodedVideoPacketSource(codec);
    output.addVideoTrack(source);
    return (packet, config) => source.add(packet, { decoderConfig: config as VideoDecoderConfig });
  }
  const source = new EncodedAudioPacketSource(codec);
  output.addAudioTrack(source);
  return (packet, config) => source.add(packet, { decoderConfig: config as AudioDecoderConfig });
}
