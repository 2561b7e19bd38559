import * as v from "valibot";
import { explain } from "../../api/action.ts";
import type { ClipFileKind } from "../detection/clip-file.ts";
import type { Box } from "../detection/detector.ts";
import { box, boxAt, confidence, keyframes } from "../detection/tracks.ts";
import type { FoundFace } from "./found-face.ts";
import { typicalLandmarks } from "./geometry.ts";

const degrees = v.pipe(v.number(), v.minValue(-180), v.maxValue(180));

/** What the ground truth says of a face; by default it is one that every search accepts. */
const known = {
  /** Who it is: an external image id, a user id, or any name that is the same in all files. */
  person: v.pipe(v.string("expected text"), v.minLength(1, "expected a name")),
  confidence: v.optional(confidence, 99.9),
  brightness: v.optional(confidence, 70),
  sharpness: v.optional(confidence, 80),
  pitch: v.optional(degrees, 0),
  roll: v.optional(degrees, 0),
  yaw: v.optional(degrees, 0),
};

const facesFile = v.object({ tracks: v.array(v.object({ ...known, keyframes })) });
const picture = v.array(v.object({ ...known, box }));

/**
 * The content of a faces file (`<clip without extension>.faces.json`): one track per face, its box linear between
 * keyframes and absent outside them, as in a labels file.
 */
export type ClipFaces = v.InferOutput<typeof facesFile>;
/** The faces of a picture. */
export type PictureFaces = v.InferOutput<typeof picture>;
type Known = Omit<PictureFaces[number], "box">;

/** @throws Error that names the file, the member and the expected value */
function read<T>(schema: v.GenericSchema<unknown, T>, document: unknown, file: string): T {
  const parsed = v.safeParse(schema, document);
  if (!parsed.success) throw new Error(`${file}: ${explain(parsed.issues)}`);
  return parsed.output;
}

export const FACES_FILE: ClipFileKind<ClipFaces> = {
  suffix: "faces",
  check: (document, file) => read(facesFile, document, file),
};

/** @throws Error that names the member and the expected value */
export const checkPicture = (document: unknown): PictureFaces => read(picture, document, "faces");

/** The faces in a frame of so many pixels at this offset from the clip's first frame. */
export function facesAt({ tracks }: ClipFaces, offsetMs: number, width: number, height: number): FoundFace[] {
  return tracks.flatMap(({ keyframes: frames, ...face }) => {
    const at = boxAt(frames, offsetMs);
    return at ? [knownFace(face, at, width, height)] : [];
  });
}

/** The faces of a picture of so many pixels. */
export const facesOf = (faces: PictureFaces, width: number, height: number): FoundFace[] =>
  faces.map(({ box: at, ...face }) => knownFace(face, at, width, height));

const knownFace = (
  { person, confidence: certainty, brightness, sharpness, pitch, roll, yaw }: Known,
  at: Box,
  width: number,
  height: number,
): FoundFace => ({
  box: at,
  sidePixels: Math.min(at.width * width, at.height * height),
  confidence: certainty,
  landmarks: typicalLandmarks(at),
  pose: { pitch, roll, yaw },
  quality: { brightness, sharpness },
  identity: { person },
});
