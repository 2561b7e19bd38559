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
import { systemClock, sleep } from "../base/clock.ts";
import { ignoreError } from "../base/errors.ts";
import type { Camera, RegionOfInterest } from "../schemas/camera.ts";
import { startCommand } from "../aws/rekognition.ts";

/** What a camera's label processor is to be. */
export interface LabelProcessor {
  readonly name: string;
  readonly streamArn: string;
  readonly roleArn: string;
  readonly topicArn: string;
  readonly evidenceBucketName: string;
  readonly labels: Camera["labels"];
  readonly regionsOfInterest: Camera["regionsOfInterest"];
  /** Kept on the processor and told in each of its notifications. */
  readonly tags: Readonly<Record<string, string>>;
}

const POLL_INTERVAL_MS = 1000;
/** A label session lasts at most 120 s (documented: StartStreamProcessor) and then needs a moment to end. */
const STOPPED_WITHIN_MS = 180_000;
/** A wrong role or stream shows within this time. */
const TRIAL_MS = 5000;
const TRIAL_ENDS_WITHIN_MS = 10_000;
/** The API's numbers are floats of 32 bits, so what comes back is a little off. */
const FLOAT_NOISE = 1e-4;
const EVIDENCE_PREFIX = "evidence";

/** The processor's session has not ended, and it cannot be changed meanwhile. */
export class ProcessorBusyError extends Error {
  override readonly name = "ProcessorBusyError";

  constructor(processorName: string) {
    super(
      `the stream processor ${processorName} is at work on a session, which lasts at most 120 s; nothing was changed, try again after it`,
    );
  }
}

/** How a processor is; `reason` says why it failed. */
export interface ProcessorState {
  readonly status: string;
  readonly reason: string | undefined;
}

/** Undefined when there is none. */
export async function processorState(
  processorName: string,
  client: RekognitionClient,
): Promise<ProcessorState | undefined> {
  const found = await describe(processorName, client);
  return found && { status: found.Status ?? "UNKNOWN", reason: found.StatusMessage };
}

async function describe(
  name: string,
  client: RekognitionClient,
): Promise<DescribeStreamProcessorCommandOutput | undefined> {
  try {
    return await client.send(new DescribeStreamProcessorCommand({ Name: name }));
  } catch (error) {
    return ignoreError(error, "ResourceNotFoundException", undefined);
  }
}

export type Aligned = "made" | "updated" | "remade" | "unchanged";

/**
 * Makes the processor, or makes the one that is there what it is to be. Labels, the least confidence and regions are
 * updated; role, stream, topic, bucket and tags can only be given at the creation (documented: UpdateStreamProcessor),
 * so for them it is deleted and made anew. Which of its tags differ is not told by Describe.
 * @param isRetagged whether its tags are known to differ
 * @throws ProcessorBusyError when it would have to change during a session
 */
export async function alignProcessor(
  wanted: LabelProcessor,
  client: RekognitionClient,
  { isRetagged = false } = {},
): Promise<Aligned> {
  const found = await describe(wanted.name, client);
  if (!found) {
    await create(wanted, client);
    return "made";
  }
  const isSameVideo = !isRetagged && isOnSameVideo(found, wanted);
  if (isSameVideo && watchesSame(found, wanted)) return "unchanged";
  if (found.Status !== "STOPPED" && found.Status !== "FAILED") throw new ProcessorBusyError(wanted.name);
  try {
    if (isSameVideo) {
      await update(wanted, client);
      return "updated";
    }
    await client.send(new DeleteStreamProcessorCommand({ Name: wanted.name }));
  } catch (error) {
    throw error instanceof Error && error.name === "ResourceInUseException"
      ? new ProcessorBusyError(wanted.name)
      : error;
  }
  await create(wanted, client);
  return "remade";
}

const isOnSameVideo = (found: DescribeStreamProcessorCommandOutput, wanted: LabelProcessor): boolean =>
  found.Input?.KinesisVideoStream?.Arn === wanted.streamArn &&
  found.RoleArn === wanted.roleArn &&
  found.NotificationChannel?.SNSTopicArn === wanted.topicArn &&
  found.Output?.S3Destination?.Bucket === wanted.evidenceBucketName;

function watchesSame(found: DescribeStreamProcessorCommandOutput, wanted: LabelProcessor): boolean {
  const { Labels = [], MinConfidence = 0 } = found.Settings?.ConnectedHome ?? {};
  const watch = watchOf(wanted);
  const regions = regionsOf(wanted.regionsOfInterest);
  return (
    Labels.toSorted().join() === watch.Labels.toSorted().join() &&
    Math.abs(MinConfidence - watch.MinConfidence) < FLOAT_NOISE &&
    areSameRegions(found.RegionsOfInterest ?? [], regions)
  );
}

function areSameRegions(some: readonly ApiRegion[], others: readonly ApiRegion[]): boolean {
  const [left, right] = [some, others].map((regions) => regions.map(numbersOf)) as [number[][], number[][]];
  return (
    left.length === right.length &&
    left.every((numbers, index) => {
      const rival = right[index]!;
      return (
        numbers.length === rival.length &&
        numbers.every((one, at) => Math.abs(one - rival[at]!) < FLOAT_NOISE)
      );
    })
  );
}

/** A box has 4 numbers and a polygon at least 6. */
const numbersOf = ({ BoundingBox, Polygon }: ApiRegion): number[] =>
  BoundingBox
    ? [BoundingBox.Left, BoundingBox.Top, BoundingBox.Width, BoundingBox.Height].map(Number)
    : (Polygon ?? []).flatMap(({ X, Y }) => [Number(X), Number(Y)]);

async function create(wanted: LabelProcessor, client: RekognitionClient): Promise<void> {
  const { name, streamArn, roleArn, topicArn, evidenceBucketName, regionsOfInterest, tags } = wanted;
  await client.send(
    new CreateStreamProcessorCommand({
      Name: name,
      Input: { KinesisVideoStream: { Arn: streamArn } },
      Output: { S3Destination: { Bucket: evidenceBucketName, KeyPrefix: EVIDENCE_PREFIX } },
      NotificationChannel: { SNSTopicArn: topicArn },
      RoleArn: roleArn,
      Settings: { ConnectedHome: watchOf(wanted) },
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
      SettingsForUpdate: { ConnectedHomeForUpdate: watchOf(wanted) },
      ...(regionsOfInterest.length > 0
        ? { RegionsOfInterestForUpdate: regionsOf(regionsOfInterest) }
        : { ParametersToDelete: ["RegionsOfInterest"] }),
    }),
  );
}

/** A processor takes one least confidence for all its labels (documented: ConnectedHomeSettings): the least of them. */
const watchOf = ({ labels }: LabelProcessor) => ({
  Labels: Object.keys(labels),
  MinConfidence: Math.min(...Object.values(labels)),
});

const regionsOf = (regions: readonly RegionOfInterest[]): ApiRegion[] =>
  regions.map((region) => {
    if ("polygon" in region) return { Polygon: region.polygon.map(({ x, y }) => ({ X: x, Y: y })) };
    const { left, top, width, height } = region.box;
    return { BoundingBox: { Left: left, Top: top, Width: width, Height: height } };
  });

/**
 * Has the processor run for a second, on video from now on, since a role that Rekognition cannot take or a stream that
 * the role cannot read shows in no other way: the start is answered well, and then the processor is FAILED (documented:
 * troubleshooting streaming video). One that goes on for five seconds is stopped; whether Stop ends a label session is
 * not documented, and if it does not, the session ends by itself.
 * @returns why it failed, if it did
 */
export async function tryProcessor(name: string, client: RekognitionClient): Promise<string | undefined> {
  await client.send(
    startCommand({ processorName: name, videoStartMs: systemClock.now(), maxDurationSeconds: 1 }),
  );
  const ended = await untilEnded(name, TRIAL_MS, client);
  if (ended) return failureOf(ended);
  // At most one call a second and account (documented): the client tries it again.
  await client.send(new StopStreamProcessorCommand({ Name: name })).catch(() => {});
  const stopped = await untilEnded(name, TRIAL_ENDS_WITHIN_MS, client);
  return stopped && failureOf(stopped);
}

/** Why a processor failed, if it did. */
export const failureOf = ({ status, reason }: ProcessorState): string | undefined =>
  status === "FAILED" ? (reason ?? "no reason given") : undefined;

async function untilEnded(
  name: string,
  withinMs: number,
  client: RekognitionClient,
): Promise<ProcessorState | undefined> {
  for (let waitedMs = 0; waitedMs < withinMs; waitedMs += POLL_INTERVAL_MS) {
    await sleep(systemClock, POLL_INTERVAL_MS);
    const state = await processorState(name, client);
    if (!state || state.status === "STOPPED" || state.status === "FAILED") return state;
  }
  return undefined;
}

/**
 * Removes the processor. One that runs is told to stop, which for a label session is not documented to work, and
 * otherwise ends by itself.
 * @returns false when there is none
 * @throws Error when it still runs after three minutes
 */
export async function removeProcessor(processorName: string, client: RekognitionClient): Promise<boolean> {
  let isTold = false;
  for (let waitedMs = 0; waitedMs < STOPPED_WITHIN_MS; waitedMs += POLL_INTERVAL_MS) {
    try {
      await client.send(new DeleteStreamProcessorCommand({ Name: processorName }));
      return true;
    } catch (error) {
      if (error instanceof Error && error.name === "ResourceNotFoundException") return false;
      ignoreError(error, "ResourceInUseException", undefined);
    }
    if (!isTold)
      await client
        .send(new StopStreamProcessorCommand({ Name: processorName }))
        .then(() => (isTold = true))
        .catch(() => {});
    await sleep(systemClock, POLL_INTERVAL_MS);
  }
  throw new Error(`the stream processor ${processorName} still runs after ${STOPPED_WITHIN_MS / 1000} s`);
}
