import type { Face } from "../../schemas/face.ts";
import type { SyntheticCamera } from "./camera.ts";
import type { SeededRandom } from "./random.ts";

/** The cameras of one house, which share its persons: one of each place. */
const CAMERAS_PER_HOUSE = 4;
const PERSONS_PER_HOUSE = 3;
/** Share of the people whose face no image shows. */
const NO_FACE_SHARE = 0.3;
const UNKNOWN_SHARE = 0.25;
const UNSEARCHED_SHARE = 0.08;
const MAX_FACES = 5;
const MIN_SIMILARITY = 90;
const MAX_SIMILARITY = 99.99;

const hex = (number: number): string => number.toString(16).padStart(8, "0");
const round = (number: number, digits: number): number => Number(number.toFixed(digits));

/** Ids of synthetic persons begin with `person-0000` and the seed; real ones are random. */
const personOf = ({ index }: SyntheticCamera, seed: number, no: number): string =>
  `person-0000${hex(seed)}${hex(Math.floor(index / CAMERAS_PER_HOUSE) * PERSONS_PER_HOUSE + no)}`;

/** The faces of the person whom a session detects from `fromMs` on, one in each image that shows it. */
export function syntheticFaces(
  camera: SyntheticCamera,
  session: {
    readonly seed: number;
    readonly sessionId: string;
    readonly fromMs: number;
    readonly untilMs: number;
  },
  random: SeededRandom,
): Face[] {
  if (random.chance(NO_FACE_SHARE)) return [];
  const personId = random.chance(UNKNOWN_SHARE)
    ? undefined
    : personOf(camera, session.seed, random.whole(0, PERSONS_PER_HOUSE));
  const faces: Face[] = [];
  let seenAtMs = session.fromMs;
  while (seenAtMs < session.untilMs && faces.length < MAX_FACES) {
    const isUnsearched = random.chance(UNSEARCHED_SHARE);
    const height = 0.08 + 0.12 * random.share();
    const similarity = Math.max(MIN_SIMILARITY, MAX_SIMILARITY - Math.abs(3 * random.normal()));
    faces.push({
      type: "FACE",
      cameraId: camera.cameraId,
      streamName: camera.streamName,
      streamArn: camera.streamArn,
      engine: "frames",
      sessionId: session.sessionId,
      fragmentNumber: `91343852333181432${seenAtMs}${camera.fragmentEnding}`,
      seenAtMs,
      faceNo: 0,
      confidence: round(99 + 0.99 * random.share(), 2),
      box: {
        left: round(0.8 * random.share(), 4),
        top: round(0.5 * random.share(), 4),
        width: round(height / 2, 4),
        height: round(height, 4),
      },
      pitch: round(10 * random.normal(), 1),
      roll: round(5 * random.normal(), 1),
      yaw: round(15 * random.normal(), 1),
      brightness: round(40 + 50 * random.share(), 1),
      sharpness: round(isUnsearched ? 10 : 50 + 45 * random.share(), 1),
      collectionId: "generated",
      ...(isUnsearched ? { unsearchedReason: "LOW_FACE_QUALITY" } : {}),
      ...(personId !== undefined && !isUnsearched
        ? { matches: 1, personId, similarity: round(similarity, 2) }
        : { matches: 0 }),
    });
    seenAtMs += random.whole(1000, 6000);
  }
  return faces;
}
