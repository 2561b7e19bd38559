import * as v from "valibot";
import { explain } from "../../api/action.ts";
import type { Cloud } from "../../cloud.ts";
import type { Collection } from "../../documents.ts";
import { invalidClipFile } from "../errors.ts";
import { clipFileName, type ClipFileKind } from "./clip-file.ts";
import { LABELS_FILE } from "./ground-truth.ts";

const filesIn = <Content>({ documents }: Cloud, { suffix }: ClipFileKind<Content>): Collection<Content> =>
  documents.collection(`rekognition-${suffix}`);

/** What was given to the local cloud before the clip was sent, by the name of the clip's file. */
export const storedFile =
  <Content>(cloud: Cloud, kind: ClipFileKind<Content>) =>
  (file: string): Content | undefined =>
    filesIn(cloud, kind).get(file);

export const storedLabels = (cloud: Cloud) => storedFile(cloud, LABELS_FILE);

/**
 * Stores what a clip shows, for later sessions and images: `{"clip": "front.mp4", "labels": …}`.
 * @throws AwsError for another body
 */
export function storeClipFile<Content>(cloud: Cloud, kind: ClipFileKind<Content>, body: unknown): void {
  const { suffix } = kind;
  const parsed = v.safeParse(v.strictObject({ clip: v.string(), [suffix]: v.unknown() }), body);
  if (!parsed.success) throw invalidClipFile(suffix, explain(parsed.issues));
  const { clip, [suffix]: content } = parsed.output as { clip: string } & Record<string, unknown>;
  const file = clipFileName(kind, clip);
  if (file === undefined) throw invalidClipFile(suffix, `clip is ${clip}; expected a file's name`);
  try {
    filesIn(cloud, kind).put(file, kind.check(content, file));
  } catch (error) {
    throw invalidClipFile(suffix, error instanceof Error ? error.message : String(error));
  }
}
