/** Why Rekognition stores or searches no face of an image (documented: UnindexedFace and UnsearchedFace, Reasons), in words. */
const REASONS: Readonly<Record<string, string>> = {
  EXCEEDS_MAX_FACES: "it shows several faces",
  FACE_NOT_LARGEST: "another face is larger",
  EXTREME_POSE: "the face is turned away too far",
  LOW_BRIGHTNESS: "the face is too dark",
  LOW_SHARPNESS: "the face is blurred",
  LOW_CONFIDENCE: "it is not certain that it is a face",
  SMALL_BOUNDING_BOX: "the face is too small",
  LOW_FACE_QUALITY: "the face is not clear enough: turned away, covered, dark, blurred or small",
};

/** Rekognition's reasons for an image, the most telling ones; its own words for one that is new. */
export function faceReason(reasons: readonly string[]): string {
  const others = reasons.filter((reason) => reason !== "EXCEEDS_MAX_FACES" && reason !== "LOW_FACE_QUALITY");
  const shown = others.length > 0 ? others : reasons;
  return shown.map((reason) => REASONS[reason] ?? reason).join(", ") || "Rekognition gives no reason";
}
