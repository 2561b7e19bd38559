import { readFileSync } from "node:fs";
import { basename } from "node:path";
import * as v from "valibot";
import { labelsFileOf } from "../cli/labels.ts";
import type { LocalCloud } from "../local/index.ts";
import type { Person } from "../schemas/person.ts";
import type { Clip } from "./clips.ts";

const ratio = v.number();
const labels = v.object({
  width: v.number(),
  height: v.number(),
  tracks: v.array(
    v.object({
      name: v.string(),
      keyframes: v.array(
        v.object({
          offsetMillis: v.number(),
          box: v.object({ left: ratio, top: ratio, width: ratio, height: ratio }),
        }),
      ),
    }),
  ),
});

/** A face that is large enough to be compared. */
const FACE_PIXELS = 48;
const STRANGER = "a stranger";

/**
 * The sample clips are drawn, and nobody in them has a face. So the person of the first one plays somebody who is enrolled, and those
 * of the others play a stranger.
 * @returns lines that say so; none for clips of the user
 */
export async function playPersons(
  clips: readonly Clip[],
  [first]: readonly Person[],
  local: LocalCloud,
): Promise<string[]> {
  const drawn = clips.filter(({ isSample }) => isSample);
  for (const [index, { file }] of drawn.entries())
    await local.control("POST /_doorstep/rekognition/faces", {
      clip: basename(file),
      faces: drawnFaces(file, index === 0 ? first!.personId : STRANGER),
    });
  return drawn.map(({ cameraId }, index) =>
    index === 0
      ? `The sample clips are drawn and show no real faces: the person at ${cameraId} plays ${first!.name}.`
      : `The person at ${cameraId} plays a stranger.`,
  );
}

/** A faces file: a face at the top of each person that the clip's labels file has. */
function drawnFaces(file: string, person: string) {
  const { width, height, tracks } = v.parse(labels, JSON.parse(readFileSync(labelsFileOf(file), "utf8")));
  const size = { width: FACE_PIXELS / width, height: FACE_PIXELS / height };
  return {
    tracks: tracks
      .filter(({ name }) => name === "PERSON")
      .map(({ keyframes }) => ({
        person,
        keyframes: keyframes.map(({ offsetMillis, box: { left, top, width: across } }) => ({
          offsetMillis,
          box: { ...size, left: Math.max(0, left + across / 2 - size.width / 2), top },
        })),
      })),
  };
}
