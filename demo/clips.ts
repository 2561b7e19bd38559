import { existsSync } from "node:fs";
import { basename, dirname, extname, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { cameraIdFor } from "../core/camera.ts";
import { OperatorError } from "../local/errors.ts";

/** A clip and the camera that it is shown through. */
export interface Clip {
  readonly file: string;
  readonly cameraId: string;
  /** Whether a labels file beside it says what is in it. */
  readonly isLabelled: boolean;
}

const samplesFolder = fileURLToPath(new URL("../events/videos", import.meta.url));
const SAMPLES = ["front-door.mp4", "back-yard.mp4"];

/**
 * The user's files, or the two samples; each gets a camera named after it.
 * @throws OperatorError for a file that is not there
 */
export function clipsOf(videos: readonly string[]): Clip[] {
  const files =
    videos.length > 0
      ? videos.map((video) => resolve(video))
      : SAMPLES.map((name) => `${samplesFolder}/${name}`);
  const taken = new Set<string>();
  return files.map((file) => {
    if (!existsSync(file)) throw new OperatorError(`there is no file ${file}`);
    const labels = file.slice(0, -extname(file).length) + ".labels.json";
    return {
      file,
      cameraId: cameraIdFor(basename(file, extname(file)), taken),
      isLabelled: existsSync(labels),
    };
  });
}

/** Folders in which the local Rekognition may look for labels files. */
export const foldersOf = (clips: readonly Clip[]): string[] => [
  ...new Set(clips.map(({ file }) => dirname(file))),
];
