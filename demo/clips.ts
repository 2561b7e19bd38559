import { accessSync, constants, existsSync, statSync } from "node:fs";
import { basename, dirname, extname, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { checkClip } from "../cli/check-clip.ts";
import { labelsFileOf } from "../cli/labels.ts";
import { cameraIdFor } from "../core/camera.ts";
import { OperatorError } from "../local/errors.ts";

/** A clip, and its camera. */
export interface Clip {
  readonly file: string;
  readonly cameraId: string;
  /** Whether a labels file beside it lists the objects in it. */
  readonly isLabelled: boolean;
}

const samplesFolder = fileURLToPath(new URL("../events/videos", import.meta.url));
const SAMPLES = ["front-door.mp4", "back-yard.mp4"];

/**
 * The user's files, or the two samples, each with a camera named after it.
 * @throws OperatorError for a file that does not exist or cannot be read
 */
export function clipsOf(videos: readonly string[]): Clip[] {
  const files =
    videos.length > 0
      ? videos.map((video) => resolve(video))
      : SAMPLES.map((name) => `${samplesFolder}/${name}`);
  const taken = new Set<string>();
  return files.map((file) => {
    checkReadable(file);
    return {
      file,
      cameraId: cameraIdFor(basename(file, extname(file)), taken),
      isLabelled: existsSync(labelsFileOf(file)),
    };
  });
}

/**
 * Reads the clips from end to end, as their uploads will.
 * @returns a line for each thing that is left out of one
 * @throws SourceError that names a clip which cannot be uploaded or analysed, and why
 */
export async function checkClips(clips: readonly Clip[]): Promise<string[]> {
  const lines: string[] = [];
  for (const { file, cameraId } of clips) {
    const { notices } = await checkClip(file);
    lines.push(...notices.map((notice) => `${cameraId}: ${notice}`));
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
