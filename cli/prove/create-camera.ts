import { describeError, isClosedToAccount } from "../../operator/aws-errors.ts";
import type { Camera } from "../../schemas/camera.ts";
import type { Context } from "./context.ts";

/** Creates the proof's camera: with a stream processor or, where that is refused, without one, for the engine frames. */
export async function createCamera(context: Context): Promise<Camera> {
  const { fleet, created, outcomes, onProgress } = context;
  const { cameraId } = created;
  onProgress("creating a camera");
  try {
    const { camera } = await fleet.add({ cameraId, engine: "stream-processor" }, { created });
    outcomes.record("account-is-open", true, "a stream processor was created");
    return camera;
  } catch (error) {
    outcomes.record("account-is-open", isClosedToAccount(error) ? false : undefined, describeError(error));
    outcomes.endEarly("there is no stream processor to test it with");
    return (await fleet.add({ cameraId, engine: "frames" }, { created })).camera;
  }
}
