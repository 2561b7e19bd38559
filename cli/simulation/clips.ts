import { readdir } from "node:fs/promises";
import { extname, join } from "node:path";
import { errorMessage } from "../../base/errors.ts";
import { cameraIdFor } from "../../core/camera.ts";
import { openClip } from "../../uploader/sources/file.ts";

/** A clip of the folder, and its camera. */
export interface SimulatedClip {
  readonly file: string;
  readonly name: string;
  readonly cameraId: string;
  readonly durationMs: number;
  readonly fragments: number;
}

interface SkippedFile {
  readonly file: string;
  readonly reason: string;
}

/** The ending of a file beside a clip that lists the objects in it, for the local cloud. */
const LABELS_FILE = ".labels.json";

/**
 * Lists the folder's clips in the order of their names, and every other file with the reason why it is not a clip. Ignores
 * hidden files, folders and labels files.
 * @param cameraId the one camera for all clips; by default each clip has a camera named after its file
 */
export async function findClips(
  folder: string,
  cameraId: string | undefined,
  signal: AbortSignal,
): Promise<{ clips: SimulatedClip[]; skipped: SkippedFile[] }> {
  const entries = await readdir(folder, { withFileTypes: true }).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT" || error.code === "ENOTDIR") throw new Error(`there is no folder ${folder}`);
    throw error;
  });
  const names = entries
    .filter((entry) => entry.isFile() && !entry.name.startsWith(".") && !entry.name.endsWith(LABELS_FILE))
    .map(({ name }) => name)
    .toSorted();
  const taken = new Set<string>();
  const clips: SimulatedClip[] = [];
  const skipped: SkippedFile[] = [];
  for (const name of names) {
    signal.throwIfAborted();
    try {
      const file = join(folder, name);
      const clip = await openClip(file);
      await clip.close();
      // Documented (Rekognition guide, streaming video resources): the input is H.264.
      if (clip.videoCodec !== "avc")
        throw new Error(`${name}: its video is H.265; Rekognition analyses H.264`);
      clips.push({
        file,
        name,
        cameraId: cameraId ?? cameraIdFor(name.slice(0, -extname(name).length || undefined), taken),
        durationMs: clip.durationMs,
        fragments: clip.plan.fragments,
      });
    } catch (error) {
      const reason = errorMessage(error);
      skipped.push({ file: name, reason: reason.replace(`${name}: `, "") });
    }
  }
  return { clips, skipped };
}
