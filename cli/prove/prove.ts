import { S3Client } from "@aws-sdk/client-s3";
import { errorMessage } from "../../base/errors.ts";
import { secureBytes } from "../../base/random.ts";
import { DetectionsListener } from "../../operator/detections-listener.ts";
import { Fleet } from "../../operator/fleet.ts";
import { stackChangedAtMs } from "../../operator/stack.ts";
import type { Context } from "./context.ts";
import { proveLake } from "./lake.ts";
import { createCamera } from "./create-camera.ts";
import { proveMapping } from "./mapping.ts";
import { Outcomes, type Outcome } from "./outcome.ts";
import { keysOf, quietHour } from "./quiet-hour.ts";
import { removeMarks, type Removal } from "./remove-marks.ts";
import { proveVideo } from "./video.ts";

type ProofOptions = Pick<Context, "config" | "clip" | "waitMs" | "signal" | "clock" | "onProgress">;

/** The account of the local cloud, and of other emulators; no account of AWS has this number. */
const EMULATED_ACCOUNT = ":000000000000:";

export interface Proof extends Removal {
  /** Whether this ran on an emulator, whose behaviour proves nothing about AWS. */
  readonly isEmulated: boolean;
  readonly outcomes: readonly Outcome[];
}

/**
 * Tests every assumption that can be tested on the deployed stack. Removes what it created, even after an error or an
 * interruption.
 * @throws Error when the stack does not exist, its lake cannot be listed, or its topic cannot be subscribed to
 */
export async function prove(stackName: string, options: ProofOptions): Promise<Proof> {
  const fleet = await Fleet.open(stackName, options.config, options.clock);
  const changedAtMs = await stackChangedAtMs(stackName, options.config);
  const quiet = quietHour(fleet.outputs.LakeFirstDay);
  const s3 = new S3Client(options.config);
  const existingKeys = await keysOf(quiet, fleet.outputs.LakeBucketName, s3).finally(() => s3.destroy());
  const listener = await DetectionsListener.subscribe(
    fleet.outputs.DetectionsTopicArn,
    options.config,
    options.clock,
  );
  const outcomes = new Outcomes();
  const created = { cameraId: `prove-${secureBytes(4).toString("hex")}` };
  const context: Context = {
    ...options,
    fleet,
    listener,
    outcomes,
    created,
    quiet,
    stackChangedAtMs: changedAtMs,
  };
  const attempt = async (step: () => Promise<void>): Promise<void> => {
    if (!options.signal.aborted)
      await step().catch((error: unknown) => outcomes.endEarly(errorMessage(error)));
  };
  const sessionIds: string[] = [];
  await attempt(async () => {
    const camera = await createCamera(context);
    if (camera.engine === "stream-processor") await attempt(() => proveVideo(camera, sessionIds, context));
    await attempt(() => proveMapping(camera, context));
  });
  await attempt(() => proveLake(sessionIds, context));
  await listener.close();
  const removal = await removeMarks(existingKeys, context);
  const isEmulated = fleet.outputs.DetectionsTopicArn.includes(EMULATED_ACCOUNT);
  return { outcomes: outcomes.list(), ...removal, isEmulated };
}
