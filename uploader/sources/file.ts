import { basename } from "node:path";
import { ALL_FORMATS, FilePathSource, Input } from "mediabunny";
import { readContainer } from "./container.ts";
import { creationTimeMs } from "./creation-time.ts";
import { FragmentCutter, type CutFragment } from "./cut-fragments.ts";
import { Formats, type Format } from "./formats.ts";
import { FrameClock } from "./frame-clock.ts";
import { FrameMemory } from "./frame-memory.ts";
import { Losses, rotationLoss, seconds } from "./losses.ts";
import { readPackets, sourceError, toSourceFragment, type MediaPacket, type Tracks } from "./packets.ts";
import { FileProbe } from "./probe.ts";
import { SourceError, type SourceFragment, type SourcePlan, type VideoSource } from "./source.ts";
import { findAudio, findVideo } from "./tracks.ts";

/** A file that was read once and can be sent, from any fragment on and repeatedly. */
export interface Clip extends VideoSource {
  readonly plan: SourcePlan;
  /** The plan's duration. */
  readonly durationMs: number;
}

/**
 * Reads an MP4, MOV, Matroska or MPEG-TS file and plans its fragments. AAC audio is sent if every fragment has some; other
 * audio is left out with a notice. Files that stand in it one behind the other are sent one after another.
 * @throws SourceError UNSUITABLE when its video isn't H.264 or H.265, or can't be cut into fragments within Kinesis
 *   Video Streams' limits; CORRUPT when it cannot be read
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
  const inputs: Input[] = [];
  const close = async () => inputs.forEach((input) => input.dispose());
  try {
    const { files, rest, isCut, unreadAudio } = await readContainer(file);
    const losses = new Losses();
    if (rest)
      losses.add({
        kind: "data",
        atMs: 0,
        reason: `from byte ${rest.start} on, ${rest.reason}`,
        count: rest.end - rest.start,
      });
    const whole = new FilePathSource(file, { maxCacheSize: CACHE_BYTES });
    const isWhole = files.length === 1 && rest === undefined;
    if (isCut) losses.remark("the file is truncated inside a cluster; the frames before are sent");
    if (files.length > 1)
      losses.remark(`${files.length} files stand in it one behind the other; they are sent in turn`);
    for (const { start, end } of files) {
      const source = isWhole ? whole : whole.slice(start, end - start);
      inputs.push(new Input({ source, formats: ALL_FORMATS }));
    }
    if (!(await isReadable(inputs[0]!)))
      throw new SourceError("UNSUITABLE", "not a video file; expected MP4, MOV, MKV or MPEG-TS");
    const parts = await findParts(inputs, losses, unreadAudio);
    const opened = { name, parts };
    const [first] = parts;
    if (first!.video.rotation !== 0) losses.add(rotationLoss(first!.video.rotation));
    const { cuts, plan } = await planFragments(opened, losses);
    return {
      name,
      videoCodec: first!.video.codec,
      width: first!.video.config.codedWidth ?? 0,
      height: first!.video.config.codedHeight ?? 0,
      recordedAtMs: await creationTimeMs(file, inputs[0]!),
      plan,
      durationMs: plan.durationMs,
      losses,
      fragments: (from, signal) => readFragments({ ...opened, parts: cuts.parts }, from, cuts, signal),
      release: () => {},
      close,
    };
  } catch (error) {
    await close();
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

/** The tracks of each file in the file. Audio is sent where all have some. */
async function findParts(
  inputs: readonly Input[],
  losses: Losses,
  unreadAudio: string | undefined,
): Promise<Tracks[]> {
  const found = [];
  for (const input of inputs) found.push({ video: await findVideo(input), ...(await findAudio(input)) });
  const reason =
    found.find(({ notice }) => notice !== undefined)?.notice ??
    (unreadAudio !== undefined && found.every(({ audio }) => !audio)
      ? `it is ${unreadAudio}; only AAC is sent`
      : found.some(({ audio }) => audio) && found.some(({ audio }) => !audio)
        ? "a part of the file has none"
        : undefined);
  if (reason !== undefined) losses.add({ kind: "audio", atMs: 0, reason });
  const hasAudio = found.every(({ audio }) => audio !== undefined);
  return withFormats(found.map(({ video, audio }) => ({ video, audio: hasAudio ? audio : undefined })));
}

function withFormats(parts: readonly Pick<Tracks, "video" | "audio">[]): Tracks[] {
  const known: Format[] = [];
  return parts.map(({ video, audio }) => ({ video, audio, formats: new Formats(video, audio, known) }));
}

interface Opened {
  readonly name: string;
  readonly parts: readonly Tracks[];
}

/** A planned fragment. */
interface Cut {
  readonly startMs: number;
  readonly packets: number;
  readonly sizeBytes: number;
}

interface Cuts {
  readonly list: readonly Cut[];
  /** With the audio that is sent, if any. */
  readonly parts: readonly Tracks[];
  /** Whether a fragment can be found by its time. */
  readonly isSeekable: boolean;
}

/** All packets of the parts, one after another; from that time on, if there is one part. */
async function* packetsOf(
  parts: readonly Tracks[],
  clock: FrameClock<MediaPacket>,
  options: { fromMs?: number; factsOnly?: boolean } = {},
): AsyncGenerator<MediaPacket> {
  const originS = parts[0]!.video.first.timestamp;
  for (const part of parts) yield* readPackets(part, { ...options, originS, clock });
}

/**
 * Plans the cuts, so that unsuitable video is refused before anything is sent. Of the data, only keyframes are read.
 * @throws SourceError
 */
async function planFragments(opened: Opened, losses: Losses): Promise<{ plan: SourcePlan; cuts: Cuts }> {
  const planLosses = new Losses();
  const planned = await cutFacts(opened.parts, planLosses);
  const { plan, silentFragments } = planned;
  const hasAudio = opened.parts[0]!.audio !== undefined;
  // Each track must have a frame in each fragment (documented: PutMedia, error FRAMES_MISSING_FOR_TRACK).
  if (!hasAudio || silentFragments === 0) {
    losses.include(planLosses);
    return { plan, cuts: { ...planned, parts: opened.parts } };
  }
  const reason = `${silentFragments} of ${plan.fragments} fragments have none`;
  losses.add({ kind: "audio", atMs: 0, reason });
  const parts = withFormats(opened.parts.map(({ video }) => ({ video, audio: undefined })));
  const silent = await cutFacts(parts, losses);
  return { plan: silent.plan, cuts: { ...silent, parts } };
}

async function cutFacts(parts: readonly Tracks[], losses: Losses) {
  const clock = new FrameClock<MediaPacket>(losses);
  const cutter = new FragmentCutter<MediaPacket>();
  const list: Cut[] = [];
  let [durationMs, sizeBytes, silentFragments] = [0, 0, 0];
  const count = ({ startMs, endMs, packets, hasAudio, ...fragment }: CutFragment<MediaPacket>) => {
    list.push({ startMs, packets: packets.length, sizeBytes: fragment.sizeBytes });
    durationMs = endMs;
    sizeBytes += fragment.sizeBytes;
    if (!hasAudio) silentFragments++;
  };
  for await (const packet of packetsOf(parts, clock, { factsOnly: true })) {
    const fragment = cutter.add(packet);
    if (fragment) count(fragment);
  }
  cutter.end().forEach(count);
  if (clock.isStopped)
    throw new SourceError("UNSUITABLE", "all its frames have the same time; encode it again");
  losses.addBeforeKeyframe(cutter.leftOut);
  const plan: SourcePlan = { fragments: list.length, durationMs, sizeBytes };
  return { plan, list, silentFragments, isSeekable: parts.length === 1 && !clock.hasChanged };
}

async function* readFragments(
  { name, parts }: Opened,
  from: number,
  { list: cuts, isSeekable }: Cuts,
  signal?: AbortSignal,
): AsyncGenerator<SourceFragment> {
  if (cuts[from] === undefined) return;
  try {
    const cutter = new FragmentCutter<MediaPacket>();
    const clock = new FrameClock<MediaPacket>(new Losses());
    const memory = new FrameMemory(cuts.reduce((most, cut) => Math.max(most, cut.sizeBytes), 0));
    let fragmentMemory = memory.forFragment();
    const frees: (() => void)[] = [];
    // From the fragment before: its last audio may belong to the wanted one.
    let index = isSeekable ? Math.max(0, from - 1) : 0;
    const checked = (cut: CutFragment<MediaPacket>): SourceFragment | undefined => {
      const free = frees.shift();
      // The index of a truncated file lists packets that are missing. A fragment is sent whole or not at all.
      if (cut.packets.length !== cuts[index]?.packets)
        throw new SourceError(
          "CORRUPT",
          `packets that its index lists are missing from ${seconds(cut.startMs)} on`,
        );
      if (index >= from) return toSourceFragment(index++, headerOf(cut, parts), cut, free);
      index++;
      free?.();
      return undefined;
    };
    const seek = isSeekable && index > 0 ? { fromMs: cuts[index]!.startMs } : {};
    for await (const packet of packetsOf(parts, clock, seek)) {
      if (signal?.aborted) return;
      const { begun } = cutter;
      const cut = cutter.add(packet);
      if (cutter.begun > begun) {
        fragmentMemory = memory.forFragment();
        frees.push(fragmentMemory.free);
      }
      // Audio may move to the next fragment, whose memory is another.
      packet.data = packet.track === "video" ? fragmentMemory.keep(packet.data) : packet.data.slice();
      const fragment = cut && checked(cut);
      if (fragment) yield fragment;
    }
    for (const cut of cutter.end()) {
      const fragment = checked(cut);
      if (fragment) yield fragment;
    }
    if (index !== cuts.length)
      throw new SourceError("CORRUPT", `it ends after fragment ${index} of ${cuts.length}`);
  } catch (error) {
    throw sourceError(name, error);
  }
}

function headerOf({ packets }: CutFragment<MediaPacket>, parts: readonly Tracks[]): Uint8Array {
  const { header, headerWithoutAudio } = packets[0]!.format!;
  return parts[0]!.audio ? header : headerWithoutAudio;
}
