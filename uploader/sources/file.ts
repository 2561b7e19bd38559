import { stat } from "node:fs/promises";
import { basename } from "node:path";
import { ALL_FORMATS, FilePathSource, Input } from "mediabunny";
import { creationTimeMs } from "./creation-time.ts";
import { FragmentCutter, seconds, type CutFragment } from "./cut-fragments.ts";
import { FrameMemory } from "./frame-memory.ts";
import { readPackets, sourceError, toSourceFragment, type MediaPacket } from "./packets.ts";
import { FileProbe } from "./probe.ts";
import { SourceError, type SourceFragment, type SourcePlan, type VideoSource } from "./source.ts";
import { findAudio, findVideo, matroskaHeader, type AudioTrack, type VideoTrack } from "./tracks.ts";

/** A file that was read once and can be sent, from any fragment on and repeatedly. */
export interface Clip extends VideoSource {
  readonly plan: SourcePlan;
  /** The plan's duration. */
  readonly durationMs: number;
}

/**
 * Reads an MP4, MOV, Matroska or MPEG-TS file and plans its fragments. AAC audio is sent if every fragment has some; other
 * audio is left out with a notice.
 * @throws SourceError UNSUITABLE when its video isn't H.264 or H.265, or can't be cut into fragments within Kinesis
 *   Video Streams' limits; CORRUPT when it cannot be read; TIME_JUMPED_BACK
 * @param probe to share one process among many files; by default each file has its own
 */
export async function openClip(file: string, probe?: FileProbe): Promise<Clip> {
  const fileProbe = probe ?? new FileProbe();
  try {
    await fileProbe.probe(file);
  } catch (error) {
    throw sourceError(basename(file), error);
  } finally {
    if (!probe) fileProbe.close();
  }
  return openProbed(file);
}

/** The read cache of the file. */
const CACHE_BYTES = 1024 * 1024;

/** The same, for a file that was probed. */
export async function openProbed(file: string): Promise<Clip> {
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

/** mediabunny throws an error for a file shorter than any signature. */
async function isReadable(input: Input): Promise<boolean> {
  try {
    return await input.canRead();
  } catch (error) {
    if (error instanceof Error && "syscall" in error) throw error;
    return false;
  }
}

/** A planned fragment. */
interface Cut {
  readonly startMs: number;
  readonly packets: number;
  readonly sizeBytes: number;
}

/** Plans the cuts without reading the data, so that unsuitable video is refused before anything is sent. */
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
    let fragmentMemory = memory.forFragment();
    let index = from;
    const checked = (cut: CutFragment<MediaPacket>): SourceFragment => {
      // The index of a truncated file lists packets that are missing. A fragment is sent whole or not at all.
      if (cut.packets.length !== cuts[index]?.packets)
        throw new SourceError(
          "CORRUPT",
          `packets that its index lists are missing from ${seconds(cut.startMs)} on`,
        );
      return toSourceFragment(index++, header, cut, fragmentMemory.free);
    };
    for await (const packet of readPackets(video, audio, { fromMs })) {
      if (signal?.aborted) return;
      const cut = cutter.add(packet);
      if (cut) {
        yield checked(cut);
        fragmentMemory = memory.forFragment();
      }
      packet.data = fragmentMemory.keep(packet.data);
    }
    const last = cutter.end();
    if (last) yield checked(last);
    if (index !== cuts.length)
      throw new SourceError("CORRUPT", `it ends after fragment ${index} of ${cuts.length}`);
  } catch (error) {
    throw sourceError(name, error);
  }
}
