import { KinesisVideoClient } from "@aws-sdk/client-kinesis-video";
import { DetectLabelsCommand, RekognitionClient, type Label } from "@aws-sdk/client-rekognition";
import { streamImages } from "../../aws/images.ts";
import { asError } from "../../base/errors.ts";
import { pollUntil } from "../../base/poll.ts";
import { describeError } from "../../operator/aws-errors.ts";
import type { AssumptionId } from "../../schemas/assumptions/assumptions.ts";
import { LABELS, type Camera } from "../../schemas/camera.ts";
import { LABEL_MAPPING } from "../../schemas/label-mapping.ts";
import { uploadClip } from "../../uploader/upload-clip.ts";
import { shareLabels } from "../labels.ts";
import { LABELS_CLIP } from "../proof-clip.ts";
import type { Context } from "./context.ts";

type CommonLabel = (typeof LABELS)[number];

/** After the video of the label sessions, and before the session beyond all video; in the proof's hour. */
const AFTER_START_MS = 300_000;
/** The clip shows each label for a second, in this order; the middle of it. */
const OFFSET_MS: Readonly<Record<CommonLabel, number>> = { PERSON: 500, PET: 1500, PACKAGE: 2500 };
const ID: Readonly<Record<CommonLabel, AssumptionId>> = {
  PERSON: "persons-have-boxes",
  PET: "pets-have-boxes",
  PACKAGE: "packages-have-names",
};
/** What has just been stored may not be readable yet. */
const READABLE_WITHIN_MS = 20_000;
const POLL_INTERVAL_MS = 1000;
/** Low, so that the result also has names that a camera's minimum confidence would drop. */
const MIN_CONFIDENCE = 30;
const NO_NAME = "No Such Label";

/**
 * Has DetectLabels name what is in an image of a person, of a pet and of a parcel, which GetImages takes from a stream: the
 * way of the engine `frames`. Shows which names come and which of them have boxes.
 */
export async function proveMapping({ streamName }: Camera, context: Context): Promise<void> {
  const { config, outcomes, signal, clock, onProgress, quiet } = context;
  const rekognition = new RekognitionClient(config);
  const video = new KinesisVideoClient(config);
  const startMs = quiet.startMs + AFTER_START_MS;
  try {
    onProgress("uploading three seconds of video");
    await shareLabels(LABELS_CLIP, config);
    await uploadClip({ ...config, file: LABELS_CLIP, streamName, startMs, signal, clock });
    onProgress("detecting labels in images of it");
    const { imageAt } = streamImages(video);
    for (const label of LABELS) {
      const jpeg = await pollUntil(
        async () => {
          signal.throwIfAborted();
          const image = await imageAt(streamName, startMs + OFFSET_MS[label]);
          if (image.kind === "refused" || image.kind === "unreadable") throw new Error(image.reason);
          return image.kind === "image" ? image.jpeg : undefined;
        },
        { clock, everyMs: POLL_INTERVAL_MS, withinMs: READABLE_WITHIN_MS },
      );
      if (!jpeg) throw new Error(`GetImages returned no image within ${READABLE_WITHIN_MS / 1000} s`);
      const found = await labelsIn(jpeg, rekognition);
      const { holds, seen } = mappingOutcome(label, found);
      outcomes.record(ID[label], holds, seen);
      if (label === "PERSON") await proveFilter(jpeg, found, rekognition, context);
    }
  } catch (error) {
    signal.throwIfAborted();
    for (const id of [...Object.values(ID), "unknown-filter-is-ignored"] as const)
      if (!outcomes.has(id)) outcomes.record(id, undefined, describeError(error));
  } finally {
    for (const client of [rekognition, video]) client.destroy();
  }
}

async function labelsIn(
  jpeg: Uint8Array,
  client: RekognitionClient,
  names?: readonly string[],
): Promise<Label[]> {
  const { Labels = [] } = await client.send(
    new DetectLabelsCommand({
      Image: { Bytes: jpeg },
      MinConfidence: MIN_CONFIDENCE,
      ...(names && { Settings: { GeneralLabels: { LabelInclusionFilters: [...names] } } }),
    }),
  );
  return Labels;
}

/** Whether a name that no label has keeps the others from coming. */
async function proveFilter(
  jpeg: Uint8Array,
  unfiltered: readonly Label[],
  client: RekognitionClient,
  { outcomes }: Context,
): Promise<void> {
  const id = "unknown-filter-is-ignored";
  const [expected] = unfiltered;
  if (!expected) return outcomes.record(id, undefined, "DetectLabels named nothing in the image of a person");
  try {
    const filtered = await labelsIn(jpeg, client, [expected.Name!, NO_NAME]);
    const isNamed = filtered.some(({ Name }) => Name === expected.Name);
    outcomes.record(
      id,
      isNamed,
      `with the filters ${expected.Name} and ${NO_NAME}: ${textOf(filtered) || "nothing"}`,
    );
  } catch (error) {
    const isRefused = asError(error).name === "InvalidParameterException";
    outcomes.record(id, isRefused ? false : undefined, describeError(error));
  }
}

/**
 * What an image of one of our labels proves. It stays open where none of its names came: an object may not be recognised,
 * and the drawn ones may be too simple.
 */
export function mappingOutcome(
  label: CommonLabel,
  found: readonly Pick<Label, "Name" | "Confidence" | "Instances">[],
): { readonly holds: boolean | undefined; readonly seen: string } {
  const { names, isWholeFrameAccepted } = LABEL_MAPPING[label];
  const isMapped = ({ Name }: Pick<Label, "Name">) => names.some(({ name }) => name === Name);
  const mapped = found.filter(isMapped);
  const others = textOf(found.filter((one) => !isMapped(one)));
  if (mapped.length === 0)
    return {
      holds: undefined,
      seen: `none of its names came from a drawn image; what came: ${others || "nothing"}`,
    };
  const hasBox = mapped.some(({ Instances }) => Instances?.length);
  return {
    holds: hasBox || isWholeFrameAccepted,
    seen: `${textOf(mapped)}${others === "" ? "" : `; beside them ${others}`}`,
  };
}

const textOf = (labels: readonly Pick<Label, "Name" | "Confidence" | "Instances">[]): string =>
  labels
    .map(
      ({ Name, Confidence = 0, Instances = [] }) =>
        `${Name} ${Math.round(Confidence)} with ${Instances.length === 0 ? "no box" : Instances.length === 1 ? "a box" : `${Instances.length} boxes`}`,
    )
    .join(", ");
