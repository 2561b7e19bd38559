import { accessSync, constants, existsSync, statSync } from "node:fs";
import { basename, dirname, extname, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { checkClip } from "../cli/check-clip.ts";
import { labelsFileOf } from "../cli/labels.ts";
import { cameraIdFor } from "../core/camera.ts";
import { OperatorError } from "../local/errors.ts";
import { DEFAULT_ENGINE, LABEL_ENGINES, type EngineName } from "../schemas/engine.ts";

/** A clip, and its camera. */
export interface Clip {
  readonly file: string;
  readonly cameraId: string;
  /** What analyses the camera's video. */
  readonly engine: EngineName;
  /** Whether a labels file beside it lists the objects in it. */
  readonly isLabelled: boolean;
  /** Whether it is one of the two clips that Doorstep comes with. */
  readonly isSample: boolean;
  /** Whether its camera searches faces. */
  readonly searchesFaces: boolean;
}

const samplesFolder = fileURLToPath(new URL("../events/videos", import.meta.url));
const SAMPLES: readonly { readonly name: string; readonly engine: EngineName }[] = [
  { name: "front-door.mp4", engine: "stream-processor" },
  { name: "back-yard.mp4", engine: "frames" },
];

/**
 * The user's files or the two samples, with cameras that are named after them. Without an engine for all, each sample has
 * one, and a file of the user goes through each engine by a camera of its own. Cameras that search faces have the engine
 * `frames`, which detects labels as well.
 * @throws OperatorError for a file that does not exist or cannot be read
 */
export function clipsOf(
  videos: readonly string[],
  chosen?: EngineName,
  { searchesFaces = false } = {},
): Clip[] {
  const engine = chosen ?? (searchesFaces ? "frames" : undefined);
  const taken = new Set<string>();
  const clipOf = (file: string, clipEngine: EngineName, suffix = ""): Clip => ({
    file,
    cameraId: cameraIdFor(basename(file, extname(file)) + suffix, taken),
    engine: clipEngine,
    isLabelled: existsSync(labelsFileOf(file)),
    isSample: videos.length === 0,
    searchesFaces,
  });
  if (videos.length === 0)
    return SAMPLES.map((sample) => clipOf(`${samplesFolder}/${sample.name}`, engine ?? sample.engine));
  return videos.flatMap((video) => {
    const file = resolve(video);
    checkReadable(file);
    if (engine) return [clipOf(file, engine)];
    return LABEL_ENGINES.map((name) => clipOf(file, name, name === DEFAULT_ENGINE ? "" : `-${name}`));
  });
}

/**
 * Leaves out the clips in which nothing can be detected here: without the object model, DetectLabels refuses images of
 * video that has no labels file.
 * @param missing why there is no object model
 * @throws OperatorError when no clip is left
 */
export function analysable(
  clips: readonly Clip[],
  missing: string | undefined,
): { clips: Clip[]; leftOut: string[] } {
  const isBlind = ({ engine, isLabelled }: Clip): boolean =>
    missing !== undefined && engine === "frames" && !isLabelled;
  const kept = clips.filter((clip) => !isBlind(clip));
  const leftOut = clips
    .filter(isBlind)
    .map(({ file }) => `frames cannot analyse ${basename(file)} here: it has no labels file, and ${missing}`);
  if (clips.length > 0 && kept.length === 0) throw new OperatorError(leftOut.join("\n"));
  return { clips: kept, leftOut };
}

/** What is seen of a clip here, and what is not; a line for readers. */
export function whatIsSeen({ cameraId, engine, isLabelled }: Clip, missing: string | undefined): string {
  const seen =
    engine === "frames"
      ? "frames samples moments of the video; what comes and goes between two samples is not detected"
      : "stream-processor analyses all of the video";
  const parcels = engine === "frames" ? "nothing finds parcels" : "a heuristic finds parcels";
  const found = isLabelled
    ? "its labels file lists the objects"
    : missing === undefined
      ? `no labels file: an object model finds persons, cats and dogs, and ${parcels}`
      : `no labels file, and nothing was detected: ${missing}`;
  return `${cameraId}: ${seen}; ${found}`;
}

/**
 * Reads the clips from end to end, as their uploads will.
 * @returns a line for each thing that is left out of one
 * @throws SourceError that names a clip which cannot be uploaded or analysed, and why
 */
export async function checkClips(clips: readonly Clip[]): Promise<string[]> {
  const lines: string[] = [];
  for (const file of new Set(clips.map((clip) => clip.file))) {
    const { notices } = await checkClip(file);
    lines.push(...notices.map((notice) => `${basename(file)}: ${notice}`));
  }
  return lines;
}

function checkReadable(file: string): void {
  const stats = statSync(file, { throwIfNoEntry: false });
  if (!stats) throw new OperatorError(`the file ${file} does not exist`);
  if (!stats.isFile()) throw new OperatorError(`${file} is not a file; name the videos one by one`);
  try {
    accessSync(file, constants.R_OK);
  } catch {
    throw new OperatorError(`the file ${file} cannot be read; check its permissions`);
  }
}

/** The folders in which the local Rekognition looks for labels files. */
export const foldersOf = (clips: readonly Clip[]): string[] => [
  ...new Set(clips.map(({ file }) => dirname(file))),
];
