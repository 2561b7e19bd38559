import { describeError, isClosedToAccount } from "../../operator/aws-errors.ts";
import type { Camera } from "../../schemas/camera.ts";
import type { Context } from "./context.ts";

/** Creates the proof's camera: with a stream processor, or without one where streaming video is closed to the account. */
export async function createCamera(context: Context): Promise<Camera | undefined> {
  const { fleet, created, outcomes, onProgress } = context;
  const { cameraId } = created;
  onProgress("creating a camera");
  try {
    const { camera } = await fleet.add({ cameraId, engine: "stream-processor" }, { created });
    outcomes.record("account-is-open", true, "a stream processor was created");
    return camera;
  } catch (error) {
    const isClosed = isClosedToAccount(error);
    outcomes.record("account-is-open", isClosed ? false : undefined, describeError(error));
    outcomes.endEarly("there is no stream processor to test it with");
    return isClosed ? (await fleet.add({ cameraId, engine: "frames" }, { created })).camera : undefined;
  }
}
