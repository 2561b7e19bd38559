import { stat } from "node:fs/promises";
import { basename } from "node:path";
import { ALL_FORMATS, FilePathSource, Input } from "mediabunny";
import { creationTimeMs } from "./creation-time.ts";
import { FragmentCutter, type CutFragment } from "./cut-fragments.ts";
import { FrameMemory } from "./frame-memory.ts";
import { LookThrough } from "./look-through.ts";
import { readPackets, sourceError, toSourceFragment, type MediaPacket } from "./packets.ts";
import { SourceError, type SourceFragment, type SourcePlan, type VideoSource } from "./source.ts";
import { findAudio, findVideo, matroskaHeader, type AudioTrack, type VideoTrack } from "./tracks.ts";

/** A file that was looked through and can be sent, from any fragment on and as often as need be. */
export interface Clip extends VideoSource {
  readonly plan: SourcePlan;
  /** Shorthand for the plan's. */
  readonly durationMs: number;
}

/**
 * Looks through an MP4, MOV, Matroska or MPEG-TS file without sending anything. AAC audio goes along if it covers
 * every fragment; other audio is left out with a notice.
 * @throws SourceError UNSUITABLE when its video isn't H.264 or H.265, or can't be cut into fragments within Kinesis
 *   Video Streams' limits; CORRUPT when it cannot be read; TIME_JUMPED_BACK
 * @param look for whoever opens many files; else each has a process of its own for it
 */
export async function openClip(file: string, look?: LookThrough): Promise<Clip> {
  const lookThrough = look ?? new LookThrough();
  try {
    await lookThrough.look(file);
  } catch (error) {
    throw sourceError(basename(file), error);
  } finally {
    if (!look) lookThrough.close();
  }
  return openWithoutLooking(file);
}

/** How much of the file is held in memory to read from. */
const CACHE_BYTES = 1024 * 1024;

/** The same, for a file that is known not to catch its reader in a loop. */
export async function openWithoutLooking(file: string): Promise<Clip> {
  const name = basename(file);
  const input = new Input({
    source: new FilePathSource(file, { maxCacheSize: CACHE_BYTES }),
    formats: ALL_FORMATS,
  });
  try {
    if ((await stat(file)).size === 0 || !(await isReadable(input)))
      throw new SourceError("UNSUITABLE", "not a video file; expected MP4, MOV, MKV or MPEG-TS");
    const video = await findVideo(input);
    const found = await findAudio(input);
    const planned = await planFragments(video, found.audio);
    const silent = found.audio ? planned.silentFragments : 0;
    // Each track must have a frame in each fragment (documented: PutMedia, error FRAMES_MISSING_FOR_TRACK).
    const audio = silent === 0 ? found.audio : undefined;
    const notices = found.notice ? [found.notice] : [];
    const { cuts, plan } = audio === found.audio ? planned : await planFragments(video, undefined);
    if (silent > 0) notices.push(`audio left out: ${silent} of ${plan.fragments} fragments have none`);
    const header = await matroskaHeader(video, audio);
    return {
      name,
      videoCodec: video.codec,
      width: video.config.codedWidth ?? 0,
      height: video.config.codedHeight ?? 0,
      recordedAtMs: await creationTimeMs(file, input),
      plan,
      durationMs: plan.durationMs,
      notices,
      fragments: (from, signal) => readFragments({ name, video, audio, header }, from, cuts, signal),
      release: () => {},
      close: async () => input.dispose(),
    };
  } catch (error) {
    input.dispose();
    throw sourceError(name, error);
  }
}

/** mediabunny takes a file shorter than any signature for an error of its own. */
async function isReadable(input: Input): Promise<boolean> {
  try {
    return await input.canRead();
  } catch (error) {
    if (error instanceof Error && "syscall" in error) throw error;
    return false;
  }
}

/** What was planned of a fragment. */
interface Cut {
  readonly startMs: number;
  readonly packets: number;
  readonly sizeBytes: number;
}

/** Cuts without reading the data, so that what is refused is refused before anything is sent. */
async function planFragments(video: VideoTrack, audio: AudioTrack | undefined) {
  const cutter = new FragmentCutter();
  const cuts: Cut[] = [];
  let [durationMs, sizeBytes, silentFragments] = [0, 0, 0];
  const count = (fragment: ReturnType<typeof cutter.end>) => {
    if (!fragment) return;
    const { startMs, endMs, packets, hasAudio } = fragment;
    cuts.push({ startMs, packets: packets.length, sizeBytes: fragment.sizeBytes });
    durationMs = endMs;
    sizeBytes += fragment.sizeBytes;
    if (!hasAudio) silentFragments++;
  };
  for await (const packet of readPackets(video, audio, { factsOnly: true })) count(cutter.add(packet));
  count(cutter.end());
  const plan: SourcePlan = { fragments: cuts.length, durationMs, sizeBytes };
  return { plan, cuts, silentFragments };
}

interface Opened {
  readonly name: string;
  readonly video: VideoTrack;
  readonly audio: AudioTrack | undefined;
  readonly header: Uint8Array;
}

async function* readFragments(
  { name, video, audio, header }: Opened,
  from: number,
  cuts: readonly Cut[],
  signal?: AbortSignal,
): AsyncGenerator<SourceFragment> {
  const fromMs = cuts[from]?.startMs;
  if (fromMs === undefined) return;
  try {
    const cutter = new FragmentCutter<MediaPacket>();
    const memory = new FrameMemory(cuts.reduce((most, cut) => Math.max(most, cut.sizeBytes), 0));
    let shelf = memory.shelf();
    let index = from;
    const checked = (cut: CutFragment<MediaPacket>): SourceFragment => {
      // Where a file was cut off, its index still lists what is gone: a fragment is sent whole or not at all.
      if (cut.packets.length !== cuts[index]?.packets)
        throw new SourceError(
          "CORRUPT",
          `what its index lists from ${(cut.startMs / 1000).toFixed(1)} s on is not all there`,
        );
      return toSourceFragment(index++, header, cut, shelf.free);
    };
    for await (const packet of readPackets(video, audio, { fromMs })) {
      if (signal?.aborted) return;
      const cut = cutter.add(packet);
      if (cut) {
        yield checked(cut);
        shelf = memory.shelf();
      }
      packet.data = shelf.keep(packet.data);
    }
    const last = cutter.end();
    if (last) yield checked(last);
    if (index !== cuts.length)
      throw new SourceError("CORRUPT", `it ends behind fragment ${index} of ${cuts.length}`);
  } catch (error) {
    throw sourceError(name, error);
  }
}
