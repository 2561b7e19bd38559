import {
  CreateStreamCommand,
  DeleteStreamCommand,
  DescribeStreamCommand,
  UpdateDataRetentionCommand,
  type KinesisVideoClient,
} from "@aws-sdk/client-kinesis-video";
import type { Clock } from "../base/clock.ts";
import { ignoreError } from "../base/errors.ts";
import { pollUntil } from "../base/poll.ts";
import { withBackoff } from "./with-backoff.ts";

/** How long a stream keeps its video by default. */
export const DEFAULT_RETENTION_HOURS = 24;
const POLL_INTERVAL_MS = 1000;
/** A stream becomes active within seconds; a deleted one disappears within minutes. */
const ACTIVE_WITHIN_MS = 120_000;

/** The state of a Kinesis video stream. */
export interface StreamState {
  readonly arn: string;
  /** Documented: CREATING, ACTIVE, UPDATING or DELETING. */
  readonly status: string;
  /** Changes with every update. */
  readonly version: string;
  readonly retentionHours: number;
}

/** Undefined when there is no such stream. */
export async function streamState(
  streamName: string,
  client: KinesisVideoClient,
  clock: Clock,
): Promise<StreamState | undefined> {
  try {
    const describe = () => client.send(new DescribeStreamCommand({ StreamName: streamName }));
    const { StreamInfo } = await withBackoff(describe, { clock });
    const { StreamARN = "", Status = "", Version = "", DataRetentionInHours = 0 } = StreamInfo ?? {};
    return { arn: StreamARN, status: Status, version: Version, retentionHours: DataRetentionInHours };
  } catch (error) {
    return ignoreError(error, "ResourceNotFoundException", undefined);
  }
}

/**
 * Creates the stream if it is missing, and waits until it is active.
 * @param retentionHours how long a new stream keeps its video
 */
export async function ensureStream(
  streamName: string,
  retentionHours: number,
  client: KinesisVideoClient,
  clock: Clock,
): Promise<StreamState & { readonly isNew: boolean }> {
  let isNew = false;
  const active = await pollUntil(
    async () => {
      let state = await streamState(streamName, client, clock);
      if (!state) {
        isNew = (await create(streamName, retentionHours, client, clock)) || isNew;
        state = await streamState(streamName, client, clock);
      }
      return state?.status === "ACTIVE" ? state : undefined;
    },
    { clock, everyMs: POLL_INTERVAL_MS, withinMs: ACTIVE_WITHIN_MS },
  );
  if (active) return { ...active, isNew };
  throw new Error(`the stream ${streamName} is not active after ${ACTIVE_WITHIN_MS / 1000} s; try again`);
}

/** @returns false when another caller has created it meanwhile */
async function create(
  streamName: string,
  hours: number,
  client: KinesisVideoClient,
  clock: Clock,
): Promise<boolean> {
  const request = { StreamName: streamName, DataRetentionInHours: hours, MediaType: "video/h264" };
  try {
    await withBackoff(() => client.send(new CreateStreamCommand(request)), { clock });
    return true;
  } catch (error) {
    return ignoreError(error, "ResourceInUseException", false);
  }
}

/** Sets how long the stream keeps its video; less than before deletes older video. @returns whether it changed */
export async function setRetention(
  { arn, version, retentionHours }: StreamState,
  wantedHours: number,
  client: KinesisVideoClient,
  clock: Clock,
): Promise<boolean> {
  if (wantedHours === retentionHours) return false;
  // The call takes the difference (documented: UpdateDataRetention).
  const request = {
    StreamARN: arn,
    CurrentVersion: version,
    Operation: wantedHours > retentionHours ? "INCREASE_DATA_RETENTION" : "DECREASE_DATA_RETENTION",
    DataRetentionChangeInHours: Math.abs(wantedHours - retentionHours),
  } as const;
  await withBackoff(() => client.send(new UpdateDataRetentionCommand(request)), { clock });
  return true;
}

/** Deletes the stream with its video. @returns false when there is no such stream */
export async function removeStream(
  streamName: string,
  client: KinesisVideoClient,
  clock: Clock,
): Promise<boolean> {
  const state = await streamState(streamName, client, clock);
  if (!state || state.status === "DELETING") return false;
  try {
    await withBackoff(() => client.send(new DeleteStreamCommand({ StreamARN: state.arn })), { clock });
    return true;
  } catch (error) {
    return ignoreError(error, "ResourceNotFoundException", false);
  }
}
