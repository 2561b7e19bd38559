import * as v from "valibot";
import { explain } from "../../api/action.ts";
import { clipFileName, findClipFile, parseClipFile, type ClipFileKind } from "./clip-file.ts";
import { LABEL_NAMES, type DetectedObject, type Detector } from "./detector.ts";
import { boxAt, confidence, keyframes } from "./tracks.ts";

const labelsFile = v.object({
  tracks: v.array(
    v.object({
      name: v.picklist(LABEL_NAMES, `expected one of ${LABEL_NAMES.join(", ")}`),
      confidence,
      keyframes,
    }),
  ),
});

/**
 * The content of a labels file (`<clip without extension>.labels.json`): one track per object, its box linear between
 * keyframes and absent outside them. Offsets count from the clip's first frame, boxes are ratios of the frame; further
 * members (`video`, `durationMillis`, `width`, `height`, `note`) are comments.
 */
export type ClipLabels = v.InferOutput<typeof labelsFile>;

/** @throws Error that names the file, the member and the expected value */
function checkLabels(document: unknown, file: string): ClipLabels {
  const parsed = v.safeParse(labelsFile, document);
  if (!parsed.success) throw new Error(`${file}: ${explain(parsed.issues)}`);
  return parsed.output;
}

export const LABELS_FILE: ClipFileKind<ClipLabels> = { suffix: "labels", check: checkLabels };

/** @throws Error that names the file, the member and the expected value */
export const parseLabels = (json: string, file: string): ClipLabels => parseClipFile(LABELS_FILE, json, file);

/** The labels file of a clip; undefined unless `clip` is a plain file name. */
export const labelsFileName = (clip: string): string | undefined => clipFileName(LABELS_FILE, clip);

/** The objects in the frame at this offset from the clip's first frame. */
export function objectsAt({ tracks }: ClipLabels, offsetMs: number): DetectedObject[] {
  return tracks.flatMap(({ name, confidence: certainty, keyframes: frames }) => {
    const box = boxAt(frames, offsetMs);
    return box ? [{ label: name, confidence: certainty, box }] : [];
  });
}

/** @param clipStartMs producer time of the clip's first frame, in epoch ms */
const groundTruth = (labels: ClipLabels, clipStartMs: number): Detector => ({
  name: "labels-file",
  detect: ({ producerTimestampMs }) => Promise.resolve(objectsAt(labels, producerTimestampMs - clipStartMs)),
});

/** The detector of a fragment whose clip has labels. @throws Error for an invalid labels file */
export async function findGroundTruth(
  metadata: ReadonlyMap<string, string>,
  clipFolders: readonly string[],
  stored: (file: string) => ClipLabels | undefined = () => undefined,
): Promise<Detector | undefined> {
  const clip = await findClipFile(LABELS_FILE, metadata, clipFolders, stored);
  return clip && groundTruth(clip.content, clip.startMs);
}
