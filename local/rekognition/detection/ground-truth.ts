import { readFile } from "node:fs/promises";
import { join, parse } from "node:path";
import * as v from "valibot";
import { errorMessage } from "../../../base/errors.ts";
import { explain } from "../../api/action.ts";
import { LABEL_NAMES, type Box, type DetectedObject, type Detector } from "./detector.ts";

/** Fragment metadata: the file name of the clip that the fragment came from, e.g. `porch.mp4`. */
const CLIP_TAG = "doorstep.clip";
/** Fragment metadata: the producer time of that clip's first frame, in epoch ms. */
const CLIP_START_TAG = "doorstep.clip-start-ms";

/** How far rounding may take a box beyond the frame's edge. */
const EDGE_TOLERANCE = 0.001;
const MAX_LABELS_FILE_BYTES = 8 * 1024 * 1024;

const ratio = v.pipe(
  v.number("expected a number 0..1"),
  v.check(
    (value) => value >= 0 && value <= 1,
    ({ input }) => `is ${String(input)}; expected 0..1`,
  ),
);
const box = v.pipe(
  v.object({ left: ratio, top: ratio, width: ratio, height: ratio }),
  v.check(
    ({ left, width }) => left + width <= 1 + EDGE_TOLERANCE,
    "reaches over the right edge of the frame: left + width is over 1",
  ),
  v.check(
    ({ top, height }) => top + height <= 1 + EDGE_TOLERANCE,
    "reaches under the bottom edge of the frame: top + height is over 1",
  ),
);
const offsetMillis = v.pipe(
  v.number("expected milliseconds"),
  v.minValue(0, "expected milliseconds from the start of the clip"),
);
const keyframes = v.pipe(
  v.array(v.object({ offsetMillis, box })),
  v.minLength(2, "expected at least 2 keyframes: where the object appears and where it disappears"),
  v.check(
    (frames) =>
      frames.every((frame, index) => index === 0 || frame.offsetMillis > frames[index - 1]!.offsetMillis),
    "expected keyframes in order of offsetMillis, none twice",
  ),
);
const labelsFile = v.object({
  tracks: v.array(
    v.object({
      name: v.picklist(LABEL_NAMES, `expected one of ${LABEL_NAMES.join(", ")}`),
      confidence: v.pipe(
        v.number("expected 0..100"),
        v.minValue(0, "expected 0..100"),
        v.maxValue(100, "expected 0..100"),
      ),
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
export function parseLabels(json: string, file: string): ClipLabels {
  let document: unknown;
  try {
    document = JSON.parse(json);
  } catch (error) {
    throw new Error(`${file} is not JSON: ${errorMessage(error)}`, { cause: error });
  }
  return checkLabels(document, file);
}

/** @throws Error that names the file, the member and the expected value */
export function checkLabels(document: unknown, file: string): ClipLabels {
  const parsed = v.safeParse(labelsFile, document);
  if (!parsed.success) throw new Error(`${file}: ${explain(parsed.issues)}`);
  return parsed.output;
}

/** The objects in the frame at this offset from the clip's first frame. */
export function objectsAt({ tracks }: ClipLabels, offsetMs: number): DetectedObject[] {
  return tracks.flatMap(({ name, confidence, keyframes }) => {
    const after = keyframes.findIndex((keyframe) => keyframe.offsetMillis >= offsetMs);
    const to = keyframes[after];
    const from = keyframes[after - 1] ?? to;
    if (!to || !from || from.offsetMillis > offsetMs) return [];
    const spanMs = to.offsetMillis - from.offsetMillis;
    const share = spanMs === 0 ? 1 : (offsetMs - from.offsetMillis) / spanMs;
    return [{ label: name, confidence, box: between(from.box, to.box, share) }];
  });
}

/** @param clipStartMs producer time of the clip's first frame, in epoch ms */
const groundTruth = (labels: ClipLabels, clipStartMs: number): Detector => ({
  name: "labels-file",
  detect: ({ producerTimestampMs }) => Promise.resolve(objectsAt(labels, producerTimestampMs - clipStartMs)),
});

/** The detector of a fragment whose clip has labels. @throws Error as {@link clipLabelsOf} */
export async function findGroundTruth(
  metadata: ReadonlyMap<string, string>,
  clipFolders: readonly string[],
  stored: (file: string) => ClipLabels | undefined = () => undefined,
): Promise<Detector | undefined> {
  const clip = await clipLabelsOf(metadata, clipFolders, stored);
  return clip && groundTruth(clip.labels, clip.startMs);
}

/**
 * The labels of the clip that fragment metadata names, as stored or from a labels file in one of the folders, and the producer time of
 * the clip's first frame in epoch ms; undefined when it names no clip, no such file exists, or the name is a path, which
 * might lead out of the folder.
 * @throws Error for an invalid labels file
 */
export async function clipLabelsOf(
  metadata: ReadonlyMap<string, string>,
  clipFolders: readonly string[],
  stored: (file: string) => ClipLabels | undefined,
): Promise<{ labels: ClipLabels; startMs: number } | undefined> {
  const file = labelsFileName(metadata.get(CLIP_TAG) ?? "");
  const clipStartMs = Number(metadata.get(CLIP_START_TAG) || NaN);
  if (!file || !Number.isFinite(clipStartMs)) return undefined;
  const given = stored(file);
  if (given) return { labels: given, startMs: clipStartMs };
  for (const folder of clipFolders) {
    const json = await readIfPresent(join(folder, file));
    if (json !== undefined) return { labels: parseLabels(json, file), startMs: clipStartMs };
  }
  return undefined;
}

/** The labels file of a clip; undefined unless `clip` is a plain file name. */
export function labelsFileName(clip: string): string | undefined {
  const { name } = parse(clip);
  // oxlint-disable-next-line no-control-regex -- a zero byte would end the path early
  if (/[/\\\x00]/.test(clip) || !name || name === "." || name === "..") return undefined;
  return `${name}.labels.json`;
}

async function readIfPresent(path: string): Promise<string | undefined> {
  try {
    const bytes = await readFile(path);
    if (bytes.length > MAX_LABELS_FILE_BYTES)
      throw new Error(`${path} has ${bytes.length} bytes; at most ${MAX_LABELS_FILE_BYTES}`);
    return bytes.toString("utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

function between(from: Box, to: Box, share: number): Box {
  const mix = (side: keyof Box) => from[side] + (to[side] - from[side]) * share;
  return { left: mix("left"), top: mix("top"), width: mix("width"), height: mix("height") };
}
