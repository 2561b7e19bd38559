import {
  CreateStreamProcessorCommand,
  DeleteStreamProcessorCommand,
  DescribeStreamProcessorCommand,
  StopStreamProcessorCommand,
  UpdateStreamProcessorCommand,
  type DescribeStreamProcessorCommandOutput,
  type RegionOfInterest as ApiRegion,
  type RekognitionClient,
} from "@aws-sdk/client-rekognition";
import { EVIDENCE_PREFIX } from "../schemas/images.ts";
import type { Clock } from "../base/clock.ts";
import { ignoreError, isNamed } from "../base/errors.ts";
import { pollUntil } from "../base/poll.ts";
import type { Camera, RegionOfInterest } from "../schemas/camera.ts";
import { isClosedToAccount } from "./aws-errors.ts";

/** The wanted settings of a camera's label processor. */
export interface LabelProcessor {
  readonly name: string;
  readonly streamArn: string;
  readonly roleArn: string;
  readonly topicArn: string;
  readonly evidenceBucketName: string;
  readonly labels: Camera["labels"];
  readonly regionsOfInterest: Camera["regionsOfInterest"];
  /** Stored on the processor and part of each of its notifications. */
  readonly tags: Readonly<Record<string, string>>;
}

const POLL_INTERVAL_MS = 1000;
/** A label session lasts at most 120 s (documented: StartStreamProcessor), and ending it takes a moment. */
const STOPPED_WITHIN_MS = 180_000;
/** The API's numbers are 32-bit floats, so those that it returns are a little off. */
const FLOAT_NOISE = 1e-4;

/** A session is running on the processor, which cannot be changed meanwhile. */
export class ProcessorBusyError extends Error {
  override readonly name = "ProcessorBusyError";

  constructor(processorName: string) {
    super(
      `the stream processor ${processorName} is running a session, which lasts at most 120 s; nothing was changed, try again when it has ended`,
    );
  }
}

/** A processor's status; `reason` says why it failed. */
export interface ProcessorState {
  readonly status: string;
  readonly reason: string | undefined;
}

/** Undefined when there is no such processor. */
export async function processorState(
  processorName: string,
  client: RekognitionClient,
): Promise<ProcessorState | undefined> {
  const found = await describe(processorName, client);
  return found && { status: found.Status ?? "UNKNOWN", reason: found.StatusMessage };
}

export async function describe(
  name: string,
  client: RekognitionClient,
): Promise<DescribeStreamProcessorCommandOutput | undefined> {
  try {
    return await client.send(new DescribeStreamProcessorCommand({ Name: name }));
  } catch (error) {
    return ignoreError(error, "ResourceNotFoundException", undefined);
  }
}

/** Whether a processor searches faces; false when there is none, also where streaming video is closed to the account. */
export async function isFaceSearch(name: string, client: RekognitionClient): Promise<boolean> {
  try {
    return (await describe(name, client))?.Settings?.FaceSearch !== undefined;
  } catch (error) {
    if (isClosedToAccount(error)) return false;
    throw error;
  }
}

/** What reconciling did to a processor. */
export type Reconciled = "created" | "updated" | "recreated" | "unchanged";

/**
 * Creates the processor, or changes the existing one to the wanted settings. Labels, the minimum confidence and regions
 * are updated. Role, stream, topic, bucket and tags can only be set at creation (documented: UpdateStreamProcessor), so a
 * change of those deletes the processor and creates it again. DescribeStreamProcessor does not return tags.
 * @param isRetagged whether its tags are known to differ
 * @throws ProcessorBusyError when it has to change while a session runs
 */
export async function reconcileProcessor(
  wanted: LabelProcessor,
  client: RekognitionClient,
  { isRetagged = false } = {},
): Promise<Reconciled> {
  const found = await describe(wanted.name, client);
  if (!found) {
    await create(wanted, client);
    return "created";
  }
  const isSameSource = !isRetagged && hasSameSource(found, wanted);
  if (isSameSource && hasSameSettings(found, wanted)) return "unchanged";
  if (found.Status !== "STOPPED" && found.Status !== "FAILED") throw new ProcessorBusyError(wanted.name);
  try {
    if (isSameSource) {
      await update(wanted, client);
      return "updated";
    }
    await client.send(new DeleteStreamProcessorCommand({ Name: wanted.name }));
  } catch (error) {
    throw isNamed(error, "ResourceInUseException") ? new ProcessorBusyError(wanted.name) : error;
  }
  await create(wanted, client);
  return "recreated";
}

const hasSameSource = (found: DescribeStreamProcessorCommandOutput, wanted: LabelProcessor): boolean =>
  found.Input?.KinesisVideoStream?.Arn === wanted.streamArn &&
  found.RoleArn === wanted.roleArn &&
  found.NotificationChannel?.SNSTopicArn === wanted.topicArn &&
  found.Output?.S3Destination?.Bucket === wanted.evidenceBucketName;

function hasSameSettings(found: DescribeStreamProcessorCommandOutput, wanted: LabelProcessor): boolean {
  const { Labels = [], MinConfidence = 0 } = found.Settings?.ConnectedHome ?? {};
  const settings = settingsOf(wanted);
  const regions = regionsOf(wanted.regionsOfInterest);
  return (
    Labels.toSorted().join() === settings.Labels.toSorted().join() &&
    Math.abs(MinConfidence - settings.MinConfidence) < FLOAT_NOISE &&
    areSameRegions(found.RegionsOfInterest ?? [], regions)
  );
}

function areSameRegions(some: readonly ApiRegion[], others: readonly ApiRegion[]): boolean {
  const [left, right] = [some, others].map((regions) => regions.map(numbersOf)) as [number[][], number[][]];
  return (
    left.length === right.length &&
    left.every((numbers, index) => {
      const other = right[index]!;
      return (
        numbers.length === other.length &&
        numbers.every((one, at) => Math.abs(one - other[at]!) < FLOAT_NOISE)
      );
    })
  );
}

/** A box has 4 numbers and a polygon at least 6. */
const numbersOf = ({ BoundingBox, Polygon }: ApiRegion): number[] =>
  BoundingBox
    ? [BoundingBox.Left, BoundingBox.Top, BoundingBox.Width, BoundingBox.Height].map(Number)
    : (Polygon ?? []).flatMap(({ X, Y }) => [Number(X), Number(Y)]);

/** Video is not shared with Rekognition to improve it; what applies without a preference is not documented. */
const NO_SHARING = { OptIn: false } as const;

async function create(wanted: LabelProcessor, client: RekognitionClient): Promise<void> {
  const { name, streamArn, roleArn, topicArn, evidenceBucketName, regionsOfInterest, tags } = wanted;
  await client.send(
    new CreateStreamProcessorCommand({
      Name: name,
      Input: { KinesisVideoStream: { Arn: streamArn } },
      Output: { S3Destination: { Bucket: evidenceBucketName, KeyPrefix: EVIDENCE_PREFIX } },
      NotificationChannel: { SNSTopicArn: topicArn },
      RoleArn: roleArn,
      Settings: { ConnectedHome: settingsOf(wanted) },
      DataSharingPreference: NO_SHARING,
      ...(regionsOfInterest.length > 0 && { RegionsOfInterest: regionsOf(regionsOfInterest) }),
      Tags: { ...tags },
    }),
  );
}

async function update(wanted: LabelProcessor, client: RekognitionClient): Promise<void> {
  const { name, regionsOfInterest } = wanted;
  await client.send(
    new UpdateStreamProcessorCommand({
      Name: name,
      SettingsForUpdate: { ConnectedHomeForUpdate: settingsOf(wanted) },
      DataSharingPreferenceForUpdate: NO_SHARING,
      ...(regionsOfInterest.length > 0
        ? { RegionsOfInterestForUpdate: regionsOf(regionsOfInterest) }
        : { ParametersToDelete: ["RegionsOfInterest"] }),
    }),
  );
}

/** A processor has one minimum confidence for all its labels (documented: ConnectedHomeSettings): the lowest of them. */
const settingsOf = ({ labels }: LabelProcessor) => ({
  Labels: Object.keys(labels),
  MinConfidence: Math.min(...Object.values(labels)),
});

const regionsOf = (regions: readonly RegionOfInterest[]): ApiRegion[] =>
  regions.map((region) => {
    if ("polygon" in region) return { Polygon: region.polygon.map(({ x, y }) => ({ X: x, Y: y })) };
    const { left, top, width, height } = region.box;
    return { BoundingBox: { Left: left, Top: top, Width: width, Height: height } };
  });

/** Why a processor failed, if it did. */
export const failureOf = ({ status, reason }: ProcessorState): string | undefined =>
  status === "FAILED" ? (reason ?? "no reason given") : undefined;

/**
 * Deletes the processor of a camera whose engine needs none.
 * @returns `none` when there is no such processor, also where streaming video is closed to the account; `in-use` when a
 *   session runs on it, which keeps it
 */
export async function removeIdleProcessor(
  processorName: string,
  client: RekognitionClient,
): Promise<"none" | "deleted" | "in-use"> {
  try {
    await client.send(new DeleteStreamProcessorCommand({ Name: processorName }));
    return "deleted";
  } catch (error) {
    if (isNamed(error, "ResourceNotFoundException") || isClosedToAccount(error)) return "none";
    return ignoreError(error, "ResourceInUseException", "in-use");
  }
}

/**
 * Deletes the processor. A running one is first requested to stop; whether that ends a label session is not documented,
 * and if it does not, the session ends by itself.
 * @returns false when there is no such processor, also where streaming video is closed to the account
 * @throws Error when it still runs after three minutes
 */
export async function removeProcessor(
  processorName: string,
  client: RekognitionClient,
  clock: Clock,
): Promise<boolean> {
  let isStopRequested = false;
  const isRemoved = await pollUntil(
    async () => {
      try {
        await client.send(new DeleteStreamProcessorCommand({ Name: processorName }));
        return true;
      } catch (error) {
        if (isNamed(error, "ResourceNotFoundException") || isClosedToAccount(error)) return false;
        ignoreError(error, "ResourceInUseException", undefined);
      }
      if (!isStopRequested)
        await client
          .send(new StopStreamProcessorCommand({ Name: processorName }))
          .then(() => (isStopRequested = true))
          .catch(() => {});
      return undefined;
    },
    { clock, everyMs: POLL_INTERVAL_MS, withinMs: STOPPED_WITHIN_MS },
  );
  if (isRemoved !== undefined) return isRemoved;
  throw new Error(`the stream processor ${processorName} still runs after ${STOPPED_WITHIN_MS / 1000} s`);
}
