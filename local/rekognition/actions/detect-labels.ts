import * as v from "valibot";
import type { Action } from "../../api/action.ts";
import { findClipFile } from "../detection/clip-file.ts";
import { LABELS_FILE, objectsAt } from "../detection/ground-truth.ts";
import { storedLabels } from "../detection/stored-files.ts";
import { modelMissing } from "../errors.ts";
import { members } from "../inputs.ts";
import { decodeImage, image, imageBytes } from "../labels/image.ts";
import { labelsOf, type Label, type LabelledObject } from "../labels/labels.ts";
import { CLIP_LABELS, MODEL_LABELS } from "../labels/taxonomy.ts";
import type { RekognitionState } from "../state.ts";

/** Documented: DetectLabels. */
const DEFAULT_MIN_CONFIDENCE = 55;
const MAX_LABELS = 1000;
const MAX_FILTERS = 100;
const MAX_NAME_LENGTH = 50;
const MODEL_VERSION = "3.0";

const names = v.optional(
  v.pipe(v.array(v.pipe(v.string(), v.maxLength(MAX_NAME_LENGTH))), v.maxLength(MAX_FILTERS)),
  [],
);

const input = members({
  Image: image,
  Features: v.optional(v.array(v.picklist(["GENERAL_LABELS"], "only GENERAL_LABELS is emulated"))),
  MaxLabels: v.optional(v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(MAX_LABELS)), MAX_LABELS),
  MinConfidence: v.optional(v.pipe(v.number(), v.minValue(0), v.maxValue(100)), DEFAULT_MIN_CONFIDENCE),
  Settings: v.optional(
    members({
      GeneralLabels: v.optional(
        members({
          LabelInclusionFilters: names,
          LabelExclusionFilters: names,
          LabelCategoryInclusionFilters: names,
          LabelCategoryExclusionFilters: names,
        }),
      ),
    }),
    {},
  ),
});
type Input = v.InferOutput<typeof input>;

interface Output {
  readonly Labels: readonly Label[];
  readonly LabelModelVersion: string;
}

/**
 * The labels of an image. One that the local GetImages served has the labels of its clip's labels file, if there is one;
 * any other has what the object model finds. `OrientationCorrection` is always null on AWS (documented), and absent here.
 */
export const detectLabels: Action<RekognitionState, Input, Output> = {
  input,
  // DetectLabels has no resources (documented: Service Authorization Reference, Amazon Rekognition).
  resources: () => "*",
  run: async ({ Image, MaxLabels, MinConfidence, Settings }, { cloud, state: { model }, caller }) => {
    const content = await imageBytes(Image, cloud, caller);
    const filters = Settings.GeneralLabels;
    const objects = async (): Promise<LabelledObject[]> => {
      const picture = await decodeImage(content);
      const origin = cloud.servedImages.find(content);
      const clip =
        origin && (await findClipFile(LABELS_FILE, origin.metadata, cloud.clipFolders, storedLabels(cloud)));
      if (clip)
        return objectsAt(clip.content, origin.producerTimestampMs - clip.startMs).map(
          ({ label, confidence, box }) => ({ label: CLIP_LABELS[label], confidence, box }),
        );
      const missing = model.missing();
      if (missing !== undefined) throw modelMissing(missing);
      return (await model.look(picture)).flatMap(({ classId, score, box }) => {
        const label = MODEL_LABELS[classId];
        return label ? [{ label, confidence: score * 100, box }] : [];
      });
    };
    const Labels = labelsOf(await objects(), {
      maxLabels: MaxLabels,
      minConfidence: MinConfidence,
      inclusions: filters?.LabelInclusionFilters ?? [],
      exclusions: filters?.LabelExclusionFilters ?? [],
      categoryInclusions: filters?.LabelCategoryInclusionFilters ?? [],
      categoryExclusions: filters?.LabelCategoryExclusionFilters ?? [],
    });
    return { Labels, LabelModelVersion: MODEL_VERSION };
  },
};
