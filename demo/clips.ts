import { accessSync, constants, existsSync, statSync } from "node:fs";
import { basename, dirname, extname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
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

/** The labels file beside a clip, whether it exists or not. */
export const labelsFileOf = (file: string): string =>
  join(dirname(file), `${basename(file, extname(file))}.labels.json`);

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
