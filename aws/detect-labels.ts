import {
  DetectLabelsCommand,
  RekognitionClient,
  type BoundingBox,
  type DetectLabelsCommandOutput,
  type Label,
} from "@aws-sdk/client-rekognition";
import { isSilent } from "../base/errors.ts";
import type { Box, NamedLabel, NamedLabels } from "../schemas/images.ts";
import { FRAMES_REGIONS } from "../schemas/regions.ts";
import { isDenied, isResponse } from "./responses.ts";
import { isThrottling } from "./throttling.ts";

/**
 * Without retries: each attempt is a call of the account's few a second, and costs one of the caller's limit. Callers
 * retry by queue.
 */
const defaultClient = /* @__PURE__ */ new RekognitionClient({ maxAttempts: 1 });

/** Rekognition's DetectLabels. @param client one that makes each attempt once */
export const labelDetector = (client = defaultClient) => ({
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
      const { Labels = [] } = await sendOnce(client, command);
      return { kind: "labels", labels: Labels.map(namedLabel) };
    } catch (error) {
      if (isResponse(error)) return refused(error);
      throw error;
    }
  },
});

/** Sends it again when the connection failed: DetectLabels stores nothing. */
const sendOnce = (
  client: RekognitionClient,
  command: DetectLabelsCommand,
): Promise<DetectLabelsCommandOutput> =>
  client.send(command).catch((error: unknown) => {
    if (isResponse(error)) throw error;
    return client.send(command);
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

/** What an error of DetectLabels means (documented: its API reference, and the guide's "Error handling"). */
function refused(error: Error & { readonly $metadata: { readonly httpStatusCode: number } }): NamedLabels {
  const { name, message, $metadata } = error;
  const reason = `${name}: ${message}`;
  // ThrottlingException is 400 or 500, InternalServerError 500; all are to be sent again later.
  if (isThrottling(error) || $metadata.httpStatusCode >= 500) return { kind: "throttled" };
  if (UNREADABLE.includes(name)) return { kind: "unreadable", reason: `DetectLabels: ${reason}` };
  if (name === "UnknownOperationException" || (isDenied(error) && isSilent(error)))
    return {
      kind: "refused",
      reason: `${MISSING}: ${isSilent(error) ? `${name} without a message` : reason}`,
    };
  if (isDenied(error))
    return {
      kind: "refused",
      reason: `the function's role may not call rekognition:DetectLabels: ${reason}`,
    };
  throw error;
}

/** How a Region without it responds is not documented; reported is AccessDeniedException without a message (aws/aws-cli#4409). */
const MISSING = `DetectLabels is not available in this account and Region; the engine frames runs in ${Object.keys(FRAMES_REGIONS).join(", ")}`;

/** InvalidParameterException is what an image of too few or too many pixels gets (documented: guidelines and quotas). */
const UNREADABLE: readonly string[] = [
  "ImageTooLargeException",
  "InvalidImageFormatException",
  "InvalidParameterException",
];
