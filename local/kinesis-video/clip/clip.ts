import type { FileHandle } from "node:fs/promises";
import { Mp4OutputFormat, Output, StreamTarget, type StreamTargetChunk } from "mediabunny";
import { errorMessage } from "../../../base/errors.ts";
import { invalidCodecPrivateData, invalidMediaFrame, noFragments, unsupportedMedia } from "../errors.ts";
import type { FragmentStore } from "../fragments/fragment-store.ts";
import type { Fragment } from "../fragments/fragment.ts";
import { addTracks, type AddPackets } from "../media/mux.ts";
import { readPackets, type TrackPackets } from "../media/packets.ts";
import { parseMedia } from "../media/parse.ts";
import { startOf, type TimestampType } from "../fragments/select-fragments.ts";
import { playableTracks, sameCodecPrivate, sameTracks, type PlayableTrack } from "../media/tracks.ts";

/** Limits of a clip (documented: service quotas, GetClip). */
const CLIP_LIMITS = { fragments: 200, bytes: 100_000_000 } as const;

/** The fragments within a clip's limits: the first ones, at least one. */
export function clipFragments(fragments: readonly Fragment[]): readonly Fragment[] {
  let sizeBytes = 0;
  const end = fragments.findIndex(
    (one, at) => at === CLIP_LIMITS.fragments || ((sizeBytes += one.sizeBytes) > CLIP_LIMITS.bytes && at > 0),
  );
  return end < 0 ? fragments : fragments.slice(0, end);
}

/**
 * Writes fragments as one MP4 file, with unchanged frames and one fragment at a time in memory. The first starts at 0, each
 * other one at its timestamp, so gaps stay; one that would start before the last frame of the previous fragment starts
 * where that ends (unconfirmed, both).
 * @throws AwsError the documented errors of GetClip; may leave an incomplete file
 */
export async function writeClip(
  fragments: readonly Fragment[],
  { store, type, file }: { store: FragmentStore; type: TimestampType; file: FileHandle },
): Promise<void> {
  const originMs = startOf(fragments[0]!, type);
  const output = new Output({
    format: new Mp4OutputFormat({ fastStart: false }),
    target: fileTarget(file),
  });
  let started: { tracks: PlayableTrack[]; add: AddPackets } | undefined;
  let [lastFrameMs, endMs] = [-1, 0];
  try {
    for (const fragment of fragments) {
      const media = await store.media(fragment);
      if (!media) continue;
      const parsed = await parseMedia(media);
      const tracks = playableTracks(parsed.header, { audioOnly: false });
      if (started) checkUnchanged(started.tracks, tracks);
      else {
        started = { tracks, add: addTracks(output, tracks) };
        await output.start();
      }
      const read = await readPackets(parsed, tracks, fragment.lengthMs);
      const wantedMs = startOf(fragment, type) - originMs;
      const atMs = wantedMs > lastFrameMs ? wantedMs : endMs;
      for (const one of read) await started.add(one, atMs / 1000).catch(refuseFrame);
      [lastFrameMs, endMs] = [atMs + lastTimestampMs(read), atMs + fragment.lengthMs];
    }
    if (!started) throw noFragments("clip");
    await output.finalize();
  } catch (error) {
    await output.cancel().catch(() => undefined);
    throw error;
  }
}

/** Writes in pieces of a few megabytes; what is only known at the end goes to an earlier position. */
const fileTarget = (file: FileHandle): StreamTarget =>
  new StreamTarget(
    new WritableStream<StreamTargetChunk>({
      write: async ({ data, position }) => void (await file.write(data, 0, data.length, position)),
    }),
    { chunked: true },
  );

const lastTimestampMs = (read: readonly TrackPackets[]): number =>
  read.reduce(
    (most, { packets }) => packets.reduce((max, { timestamp }) => Math.max(max, timestamp * 1000), most),
    0,
  );

/** Neither may change in a clip (documented: GetClip); which error AWS returns is unconfirmed. */
function checkUnchanged(before: readonly PlayableTrack[], now: readonly PlayableTrack[]): void {
  const names = (tracks: readonly PlayableTrack[]) => tracks.map(({ codec }) => codec).join(" and ");
  if (!sameTracks(before, now))
    throw unsupportedMedia(
      `The tracks change within the clip, from ${names(before)} to ${names(now)}; request a range on one side of the change.`,
    );
  if (!sameCodecPrivate(before, now))
    throw invalidCodecPrivateData(
      "The codec private data changes within the clip; request a range on one side of the change.",
    );
}

function refuseFrame(error: unknown): never {
  throw invalidMediaFrame(`A frame does not fit into the clip: ${errorMessage(error)}`);
}
