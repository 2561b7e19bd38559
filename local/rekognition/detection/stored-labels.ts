import * as v from "valibot";
import { explain } from "../../api/action.ts";
import type { Cloud } from "../../cloud.ts";
import type { Collection } from "../../documents.ts";
import { invalidLabels } from "../errors.ts";
import { checkLabels, labelsFileName, type ClipLabels } from "./ground-truth.ts";

const input = v.strictObject({ clip: v.string(), labels: v.unknown() });

const labelsIn = ({ documents }: Cloud): Collection<ClipLabels> => documents.collection("rekognition-labels");

/** The labels that were given to the local cloud before their clip was sent, by the name of its labels file. */
export const storedLabels =
  (cloud: Cloud) =>
  (file: string): ClipLabels | undefined =>
    labelsIn(cloud).get(file);

/** Stores the labels of a clip: those that a later session finds in its video. @throws AwsError for another body */
export function storeLabels(cloud: Cloud, body: unknown): void {
  const parsed = v.safeParse(input, body);
  if (!parsed.success) throw invalidLabels(explain(parsed.issues));
  const { clip, labels } = parsed.output;
  const file = labelsFileName(clip);
  if (file === undefined) throw invalidLabels(`clip is ${clip}; expected a file's name`);
  try {
    labelsIn(cloud).put(file, checkLabels(labels, file));
  } catch (error) {
    throw invalidLabels(error instanceof Error ? error.message : String(error));
  }
}
