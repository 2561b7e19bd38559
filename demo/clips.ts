import { existsSync } from "node:fs";
import { basename, dirname, extname, resolve } from "node:path";
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
 * @throws OperatorError for a file that does not exist
 */
export function clipsOf(videos: readonly string[]): Clip[] {
  const files =
    videos.length > 0
      ? videos.map((video) => resolve(video))
      : SAMPLES.map((name) => `${samplesFolder}/${name}`);
  const taken = new Set<string>();
  return files.map((file) => {
    if (!existsSync(file)) throw new OperatorError(`the file ${file} does not exist`);
    const labels = file.slice(0, -extname(file).length) + ".labels.json";
    return {
      file,
      cameraId: cameraIdFor(basename(file, extname(file)), taken),
      isLabelled: existsSync(labels),
    };
  });
}

/** The folders in which the local Rekognition looks for labels files. */
export const foldersOf = (clips: readonly Clip[]): string[] => [
  ...new Set(clips.map(({ file }) => dirname(file))),
];
