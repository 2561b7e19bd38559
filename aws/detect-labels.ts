import { DetectLabelsCommand, type BoundingBox, type Label } from "@aws-sdk/client-rekognition";
import type { Box, NamedLabel, NamedLabels } from "../schemas/images.ts";
import { imageClient, imageRefusal, sendOnce } from "./image-analysis.ts";

/** Rekognition's DetectLabels. @param client one that makes each attempt once */
export const labelDetector = (client = imageClient) => ({
  /**
   * The labels of a JPEG or PNG of at most 5 MB, 80 to 10,000 pixels a side.
   * @param names of Rekognition's list, at most 100 (documented: LabelInclusionFilters)
   * @param minConfidence 0 to 100
   * @throws the client's error when there is no result
   */
  async detectLabels(
    jpeg: Uint8Array,
    names: readonly string[],
    minConfidence: number,
  ): Promise<NamedLabels> {
    const command = new DetectLabelsCommand({
      Image: { Bytes: jpeg },
      Features: ["GENERAL_LABELS"],
      MinConfidence: minConfidence,
      Settings: { GeneralLabels: { LabelInclusionFilters: [...names] } },
    });
    try {
      const { Labels = [] } = await sendOnce(() => client.send(command));
      return { kind: "labels", labels: Labels.map(namedLabel) };
    } catch (error) {
      return imageRefusal(error, "DetectLabels");
    }
  },
});

const namedLabel = ({ Name = "", Confidence = 0, Instances = [] }: Label): NamedLabel => ({
  name: Name,
  confidence: Confidence,
  instances: Instances.flatMap((instance) => {
    const box = boxWithin(instance.BoundingBox);
    return box ? [{ confidence: instance.Confidence ?? Confidence, box }] : [];
  }),
});

/** The part of a box within the frame, if there is any: a box may reach beyond it (documented: BoundingBox). */
function boxWithin({ Left = 0, Top = 0, Width = 0, Height = 0 }: BoundingBox = {}): Box | undefined {
  const [left, top] = [within(Left), within(Top)];
  const [width, height] = [within(Left + Width) - left, within(Top + Height) - top];
  return width > 0 && height > 0 ? { left, top, width, height } : undefined;
}

const within = (share: number): number => Math.min(Math.max(share, 0), 1);
