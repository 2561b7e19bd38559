import { rename, rm, writeFile } from "node:fs/promises";
import type { Fleet } from "../../operator/fleet.ts";
import { credentialForms } from "./credential-forms.ts";
import type { Camera } from "../../schemas/camera.ts";

const OWNER_ONLY = 0o600;

/** Writes the cameras' credentials, one JSON object per line. Replaces an existing file, whole or not at all. */
export async function writeCredentials(
  file: string,
  cameras: readonly Camera[],
  fleet: Fleet,
): Promise<void> {
  const masterSecret = await fleet.masterSecret();
  const lines = cameras.map((camera) =>
    JSON.stringify(credentialForms(camera, fleet.outputs.MotionApiUrl, masterSecret)),
  );
  const temporary = `${file}.${process.pid}.tmp`;
  try {
    // A new file, so that no other user can read it from its first byte on.
    await writeFile(temporary, lines.map((line) => `${line}\n`).join(""), { mode: OWNER_ONLY, flag: "wx" });
    await rename(temporary, file);
  } finally {
    await rm(temporary, { force: true });
  }
}
