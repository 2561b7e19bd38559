import { fileURLToPath } from "node:url";
import { deriveToken } from "../../core/motion/credential.ts";
import { Fleet } from "../../operator/fleet.ts";
import type { MotionFormat } from "../../schemas/motion-format.ts";
import type { TestStack } from "../local/stack.ts";
import { CHECKS, fuzz } from "./schemathesis.ts";

/** One run a format whose bodies differ most: JSON by a schema, and XML or text. */
const FORMATS: readonly MotionFormat[] = ["standard", "hikvision", "dahua"];
/** Of each run. */
const MAX_SECONDS = 20;

const description = fileURLToPath(new URL("../../docs/motion-api.openapi.json", import.meta.url));

/** The motion API, as each format's cameras call it. */
export async function fuzzMotionApi({ config, clock, journey }: TestStack): Promise<void> {
  const fleet = await Fleet.open("doorstep-dev", config, clock);
  const masterSecret = await fleet.masterSecret();
  for (const motionFormat of FORMATS) {
    const cameraId = `fuzzed-${motionFormat}`;
    await fleet.add({ cameraId, motionFormat });
    await fuzz(`the motion format ${motionFormat}`, {
      description,
      url: journey.outputs.MotionApiUrl.replace(/\/+$/, ""),
      headers: { Authorization: `Bearer ${deriveToken(masterSecret, cameraId, 1)}` },
      parameters: { "path.cameraId": cameraId },
      // Of an invalid JSON body it expects a refusal only where JSON is what the camera sends.
      checks: motionFormat === "standard" ? [...CHECKS, "negative_data_rejection"] : CHECKS,
      maxSeconds: MAX_SECONDS,
    });
  }
}
