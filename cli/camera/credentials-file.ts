import { rename, rm, writeFile } from "node:fs/promises";
import type { Fleet } from "../../operator/fleet.ts";
import { credentialForms } from "./credential-forms.ts";
import type { Camera } from "../../schemas/camera.ts";

const OWNER_ONLY = 0o600;

/** Writes the cameras' credentials, a JSON object a line, in the place of what the file held; there whole or not at all. */
export async function writeCredentials(
  file: string,
  cameras: readonly Camera[],
  fleet: Fleet,
): Promise<void> {
  const masterSecret = await fleet.masterSecret();
  const lines = cameras.map((camera) =>
    JSON.stringify(credentialForms(camera, fleet.outputs.MotionApiUrl, masterSecret)),
  );
  const whole = `${file}.${process.pid}.tmp`;
  try {
    // A new file, so that it is nobody else's from its first byte on.
    await writeFile(whole, lines.map((line) => `${line}\n`).join(""), { mode: OWNER_ONLY, flag: "wx" });
    await rename(whole, file);
  } finally {
    await rm(whole, { force: true });
  }
}
