import { basename } from "node:path";
import { openClip } from "../uploader/sources/file.ts";
import { SourceError } from "../uploader/sources/source.ts";

/** A clip that can be uploaded and analysed. */
export interface CheckedClip {
  readonly durationMs: number;
  readonly fragments: number;
  /** What will be left out, and what else is worth knowing. */
  readonly notices: readonly string[];
}

/**
 * Reads a clip from end to end, as an upload does.
 * @throws SourceError that names the file and why it cannot be uploaded, or not be analysed
 */
export async function checkClip(file: string): Promise<CheckedClip> {
  const clip = await openClip(file);
  await clip.close();
  checkCodec(basename(file), clip);
  return { durationMs: clip.durationMs, fragments: clip.plan.fragments, notices: clip.losses.notices };
}

/**
 * Documented (Rekognition guide, streaming video resources): the input is H.264.
 * @throws SourceError
 */
export function checkCodec(name: string, { videoCodec }: { videoCodec: "avc" | "hevc" }): void {
  if (videoCodec !== "avc")
    throw new SourceError(
      "UNSUITABLE",
      `${name}: its video is H.265; Rekognition analyses H.264, so encode it again`,
    );
}
