/** Which engines an account and Region can use, and which one a new camera gets. */
import { ListStreamProcessorsCommand, type RekognitionClient } from "@aws-sdk/client-rekognition";
import { LABELS, isCommonLabel } from "../schemas/camera.ts";
import type { EngineName } from "../schemas/engine.ts";
import { FRAMES_REGIONS, LABEL_REGIONS, LABEL_REGIONS_AS_OF } from "../schemas/regions.ts";
import { describeError, isClosedToAccount } from "./aws-errors.ts";

/**
 * An account's access to stream processors. One that has a processor has access. Whether an account without access may list
 * processors is not documented, so an empty list leaves it `unknown`: creating a processor shows it.
 */
export interface StreamingAccess {
  readonly kind: "open" | "closed" | "unknown";
  readonly why: string;
}

/** An engine for a new camera. */
export interface EngineChoice {
  readonly engine: EngineName;
  readonly why: string;
  /** Whether creating its processor may show that streaming video is closed to the account. */
  readonly isTentative: boolean;
}

/** Whether the account and Region have access to label stream processors, as far as listing them shows it. */
export async function streamingAccess(client: RekognitionClient): Promise<StreamingAccess> {
  const region = await client.config.region();
  if (!Object.hasOwn(LABEL_REGIONS, region)) return accessIn(region, []);
  try {
    const { StreamProcessors = [] } = await client.send(new ListStreamProcessorsCommand({ MaxResults: 1 }));
    return accessIn(region, StreamProcessors);
  } catch (error) {
    return isClosedToAccount(error)
      ? CLOSED_TO_ACCOUNT
      : { kind: "unknown", why: `this account may create stream processors (${describeError(error)})` };
  }
}

/**
 * The access to label stream processors in a Region.
 * @param processors those that were listed; undefined where streaming video is closed to the account
 */
export function accessIn(region: string, processors: readonly unknown[] | undefined): StreamingAccess {
  if (!Object.hasOwn(LABEL_REGIONS, region))
    return {
      kind: "closed",
      why: `Rekognition detects no labels in streaming video in ${region} (as of ${LABEL_REGIONS_AS_OF})`,
    };
  if (!processors) return CLOSED_TO_ACCOUNT;
  return processors.length > 0
    ? { kind: "open", why: "this account has stream processors" }
    : { kind: "unknown", why: "this account may create stream processors" };
}

export const CLOSED_TO_ACCOUNT: StreamingAccess = {
  kind: "closed",
  why: "Rekognition's streaming video is closed to this account",
};

/**
 * Chooses a new camera's engine: stream processors, which analyse all of the video, where the account has access to them and
 * they detect all of the camera's labels; else frames. Never face-search, which detects no labels.
 * @param settings those that only the engine frames has
 * @throws Error when neither works in the Region
 */
export function chooseEngine(
  region: string,
  streaming: StreamingAccess,
  labels: readonly string[],
  settings: readonly string[] = [],
): EngineChoice {
  const own = labels.filter((label) => !isCommonLabel(label));
  const reason =
    own.length > 0
      ? `a stream processor detects ${LABELS.join(", ")} only, not ${own.join(", ")}`
      : settings.length > 0
        ? `${settings.join(", ")} ${settings.length > 1 ? "are settings" : "is a setting"} of this engine`
        : streaming.kind === "closed"
          ? streaming.why
          : undefined;
  if (reason === undefined)
    return {
      engine: "stream-processor",
      why: `${streaming.why}, and they analyse all of the video`,
      isTentative: streaming.kind === "unknown",
    };
  if (!Object.hasOwn(FRAMES_REGIONS, region))
    throw new Error(
      `no engine works here: ${reason}, and the engine frames needs Kinesis Video Streams and DetectLabels, which ${region} ` +
        `does not both have (as of ${LABEL_REGIONS_AS_OF}); deploy to one of ${Object.keys(FRAMES_REGIONS).join(", ")}`,
    );
  return { engine: "frames", why: reason, isTentative: false };
}
