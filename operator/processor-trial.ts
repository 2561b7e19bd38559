import { StopStreamProcessorCommand, type RekognitionClient } from "@aws-sdk/client-rekognition";
import { startCommand } from "../aws/rekognition.ts";
import { sleep, type Clock } from "../base/clock.ts";
import { pollUntil } from "../base/poll.ts";
import type { StoredFragment } from "../schemas/fragment.ts";
import { describeError, isClosedToAccount } from "./aws-errors.ts";
import { processorState, type ProcessorState } from "./label-processor.ts";

/**
 * What running a processor for a moment showed:
 *
 * - `passed`: it could read its stream;
 * - `not-tried`: its stream holds no video, or that could not be checked;
 * - `unclear`: it was refused or failed, and the reason names nothing that the operator could fix;
 * - `failed`: it failed, and the reason names its role, its stream, topic, bucket or key.
 */
export type Trial =
  | { readonly outcome: "passed" }
  | { readonly outcome: "not-tried" | "unclear" | "failed"; readonly reason: string };

const POLL_INTERVAL_MS = 1000;
/** A wrong role or stream makes a processor fail within this time. */
const TRIAL_MS = 5000;
const TRIAL_ENDS_WITHIN_MS = 10_000;

export const NO_VIDEO = "its stream holds no video yet";

/**
 * Runs the processor for a second, on video that the stream holds. Only a run shows that Rekognition cannot assume the
 * role or that the role cannot read the stream: the start succeeds, and then the processor is FAILED (documented:
 * troubleshooting streaming video). What a run does on a stream without video is not documented, so there is none then. A
 * run that lasts five seconds is stopped. Whether StopStreamProcessor ends a label session is not documented; if it does
 * not, the session ends by itself.
 * @param findVideo finds a fragment that the stream holds
 */
export async function tryProcessor(
  processorName: string,
  findVideo: () => Promise<StoredFragment | undefined>,
  client: RekognitionClient,
  clock: Clock,
): Promise<Trial> {
  let videoStartMs: number;
  try {
    const fragment = await findVideo();
    if (!fragment) return { outcome: "not-tried", reason: NO_VIDEO };
    videoStartMs = fragment.startMs;
  } catch (error) {
    return { outcome: "not-tried", reason: describeError(error) };
  }
  try {
    await client.send(startCommand({ processorName, videoStartMs, maxDurationSeconds: 1 }));
    const ended = await untilEnded(processorName, TRIAL_MS, client, clock);
    if (ended) return trialOf(ended);
    // At most one call a second per account (documented); the SDK retries.
    await client.send(new StopStreamProcessorCommand({ Name: processorName })).catch(() => {});
    return trialOf(await untilEnded(processorName, TRIAL_ENDS_WITHIN_MS, client, clock));
  } catch (error) {
    return { outcome: isClosedToAccount(error) ? "failed" : "unclear", reason: describeError(error) };
  }
}

/** @param state of the ended processor; undefined when it still runs */
export function trialOf(state: ProcessorState | undefined): Trial {
  if (state?.status !== "FAILED") return { outcome: "passed" };
  const { reason } = state;
  if (!reason) return { outcome: "unclear", reason: "it is FAILED without a reason" };
  return { outcome: NAMES_A_CAUSE.test(reason) ? "failed" : "unclear", reason };
}

/**
 * Documented: `Access denied to Role`, `Access denied to Kinesis Video`, `Stream <name> doesn't exist` (Rekognition guide,
 * troubleshooting streaming video). Others are unconfirmed.
 */
const NAMES_A_CAUSE =
  /access denied|not authorized|doesn't exist|does not exist|\b(role|topic|bucket|kms)\b/i;

/** Undefined when it still runs after that time. */
async function untilEnded(
  name: string,
  withinMs: number,
  client: RekognitionClient,
  clock: Clock,
): Promise<ProcessorState | undefined> {
  // A processor that has just been started or stopped may still show the status before.
  await sleep(clock, POLL_INTERVAL_MS);
  return await pollUntil(
    async () => {
      const state = await processorState(name, client);
      return state?.status === "STOPPED" || state?.status === "FAILED" ? state : undefined;
    },
    { clock, everyMs: POLL_INTERVAL_MS, withinMs: withinMs - POLL_INTERVAL_MS },
  );
}
