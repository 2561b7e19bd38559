import { S3Client } from "@aws-sdk/client-s3";
import { secureBytes } from "../../base/random.ts";
import { DetectionsListener } from "../../operator/detections-listener.ts";
import { Fleet } from "../../operator/fleet.ts";
import type { Context } from "./context.ts";
import { proveLake } from "./lake.ts";
import { Outcomes, type Outcome } from "./outcome.ts";
import { keysOf, quietHour } from "./quiet-hour.ts";
import { removeMarks, type Removal } from "./remove-marks.ts";
import { proveVideo } from "./video.ts";

export type ProofOptions = Pick<Context, "config" | "clip" | "waitMs" | "signal" | "onProgress">;

export interface Proof extends Removal {
  readonly outcomes: readonly Outcome[];
}

/**
 * Tries every assumption that can be tried on the deployed stack, and removes what it made, whatever happened and even
 * when it is interrupted.
 * @throws Error when there is no such stack, its lake cannot be listed, or its topic not be listened to
 */
export async function prove(stackName: string, options: ProofOptions): Promise<Proof> {
  const fleet = await Fleet.open(stackName, options.config);
  const quiet = quietHour();
  const s3 = new S3Client(options.config);
  const keysBefore = await keysOf(quiet, fleet.outputs.LakeBucketName, s3).finally(() => s3.destroy());
  const listener = await DetectionsListener.subscribe(fleet.outputs.DetectionsTopicArn, options.config);
  const outcomes = new Outcomes();
  const made = { cameraId: `prove-${secureBytes(4).toString("hex")}` };
  const context: Context = { ...options, fleet, listener, outcomes, made, quiet };
  const attempt = async (step: () => Promise<void>): Promise<void> => {
    if (!options.signal.aborted)
      await step().catch((error: unknown) => outcomes.brokeOff((error as Error).message));
  };
  const sessionIds: string[] = [];
  await attempt(() => proveVideo(sessionIds, context));
  await attempt(() => proveLake(sessionIds, context));
  await listener.close();
  const removal = await removeMarks(keysBefore, context);
  return { outcomes: outcomes.list(), ...removal };
}
