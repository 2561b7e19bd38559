import * as v from "valibot";
import { explain } from "../../api/action.ts";
import type { Cloud } from "../../cloud.ts";
import { storeClipFile } from "../detection/stored-files.ts";
import { invalidClipFile } from "../errors.ts";
import type { FaceFinder } from "./face-finder.ts";
import { checkPicture, FACES_FILE } from "./ground-truth.ts";

const ofPicture = v.strictObject({
  picture: v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/, "expected the SHA-256 of the picture's bytes")),
  faces: v.unknown(),
});

/**
 * Stores which faces a clip or a picture shows: `{"clip": "front.mp4", "faces": …}`, the content of a faces file, or
 * `{"picture": "<SHA-256>", "faces": [{"person": "ada", "box": …}]}`.
 * @throws AwsError for another body
 */
export function storeFaces(cloud: Cloud, finder: FaceFinder, body: unknown): void {
  if (typeof body !== "object" || body === null || !("picture" in body)) {
    storeClipFile(cloud, FACES_FILE, body);
    return;
  }
  const parsed = v.safeParse(ofPicture, body);
  if (!parsed.success) throw invalidClipFile("faces", explain(parsed.issues));
  try {
    finder.know(parsed.output.picture, checkPicture(parsed.output.faces));
  } catch (error) {
    throw invalidClipFile("faces", error instanceof Error ? error.message : String(error));
  }
}
