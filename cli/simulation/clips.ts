import { readdir } from "node:fs/promises";
import { extname, join } from "node:path";
import { errorMessage } from "../../base/errors.ts";
import { cameraIdFor } from "../../core/camera.ts";
import { checkClip } from "../check-clip.ts";
import { describesClip } from "../labels.ts";

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
    .filter((entry) => entry.isFile() && !entry.name.startsWith(".") && !describesClip(entry.name))
    .map(({ name }) => name)
    .toSorted();
  const taken = new Set<string>();
  const clips: SimulatedClip[] = [];
  const skipped: SkippedFile[] = [];
  for (const name of names) {
    signal.throwIfAborted();
    try {
      const file = join(folder, name);
      const { durationMs, fragments } = await checkClip(file);
      clips.push({
        file,
        name,
        cameraId: cameraId ?? cameraIdFor(name.slice(0, -extname(name).length || undefined), taken),
        durationMs,
        fragments,
      });
    } catch (error) {
      const reason = errorMessage(error);
      skipped.push({ file: name, reason: reason.replace(`${name}: `, "") });
    }
  }
  return { clips, skipped };
}
