import {
  CreateStreamCommand,
  DeleteStreamCommand,
  DescribeStreamCommand,
  UpdateDataRetentionCommand,
  type KinesisVideoClient,
} from "@aws-sdk/client-kinesis-video";
import { sleep, systemClock } from "../base/clock.ts";
import { ignoreError } from "../base/errors.ts";
import { withBackoff } from "./with-backoff.ts";

/** How long a stream keeps its video unless told otherwise. */
export const DEFAULT_RETENTION_HOURS = 24;
const POLL_INTERVAL_MS = 1000;
/** A stream becomes active within seconds; one that is being deleted is gone within minutes. */
const ACTIVE_WITHIN_MS = 120_000;

/** A Kinesis video stream as it is. */
export interface StreamState {
  readonly arn: string;
  /** Documented: CREATING, ACTIVE, UPDATING or DELETING. */
  readonly status: string;
  /** Changes with every update. */
  readonly version: string;
  readonly retentionHours: number;
}

/** Undefined when there is none. */
export async function streamState(
  streamName: string,
  client: KinesisVideoClient,
): Promise<StreamState | undefined> {
  try {
    const { StreamInfo } = await withBackoff(() =>
      client.send(new DescribeStreamCommand({ StreamName: streamName })),
    );
    const { StreamARN = "", Status = "", Version = "", DataRetentionInHours = 0 } = StreamInfo ?? {};
    return { arn: StreamARN, status: Status, version: Version, retentionHours: DataRetentionInHours };
  } catch (error) {
    return ignoreError(error, "ResourceNotFoundException", undefined);
  }
}

/**
 * Makes the stream unless it is there, and waits until it takes video.
 * @param retentionHours how long a new one keeps it
 */
export async function ensureStream(
  streamName: string,
  retentionHours: number,
  client: KinesisVideoClient,
): Promise<StreamState & { readonly isNew: boolean }> {
  let isNew = false;
  for (let waitedMs = 0; waitedMs < ACTIVE_WITHIN_MS; waitedMs += POLL_INTERVAL_MS) {
    let state = await streamState(streamName, client);
    if (!state) {
      isNew = await create(streamName, retentionHours, client);
      state = await streamState(streamName, client);
    }
    if (state?.status === "ACTIVE") return { ...state, isNew };
    await sleep(systemClock, POLL_INTERVAL_MS);
  }
  throw new Error(`the stream ${streamName} is not active after ${ACTIVE_WITHIN_MS / 1000} s; try again`);
}

/** @returns false when another was faster */
async function create(streamName: string, hours: number, client: KinesisVideoClient): Promise<boolean> {
  try {
    await withBackoff(() =>
      client.send(
        new CreateStreamCommand({
          StreamName: streamName,
          DataRetentionInHours: hours,
          MediaType: "video/h264",
        }),
      ),
    );
    return true;
  } catch (error) {
    return ignoreError(error, "ResourceInUseException", false);
  }
}

/** Has the stream keep its video for so long; less than before deletes what is older. @returns whether that is news */
export async function setRetention(
  { arn, version, retentionHours }: StreamState,
  wantedHours: number,
  client: KinesisVideoClient,
): Promise<boolean> {
  if (wantedHours === retentionHours) return false;
  // The call takes the difference (documented: UpdateDataRetention).
  await withBackoff(() =>
    client.send(
      new UpdateDataRetentionCommand({
        StreamARN: arn,
        CurrentVersion: version,
        Operation: wantedHours > retentionHours ? "INCREASE_DATA_RETENTION" : "DECREASE_DATA_RETENTION",
        DataRetentionChangeInHours: Math.abs(wantedHours - retentionHours),
      }),
    ),
  );
  return true;
}

/** Removes the stream with its video. @returns false when there is none */
export async function removeStream(streamName: string, client: KinesisVideoClient): Promise<boolean> {
  const state = await streamState(streamName, client);
  if (!state || state.status === "DELETING") return false;
  try {
    await withBackoff(() => client.send(new DeleteStreamCommand({ StreamARN: state.arn })));
    return true;
  } catch (error) {
    return ignoreError(error, "ResourceNotFoundException", false);
  }
}
