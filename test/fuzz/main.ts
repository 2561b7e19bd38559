// Schemathesis, a fuzzer for OpenAPI descriptions, against the motion API of the local cloud: `npm run test:fuzz`. Its
// program `st` must be on the PATH (`pip install schemathesis`), which is why this is no part of `npm test`.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { deriveToken } from "../../core/motion/credential.ts";
import { packageService } from "../../demo/package-service.ts";
import { Fleet } from "../../operator/fleet.ts";
import type { MotionFormat } from "../../schemas/motion-format.ts";
import { startStack } from "../local/stack.ts";

/** One run a format whose bodies differ most: JSON by a schema, and XML or text. */
const FORMATS: readonly MotionFormat[] = ["standard", "hikvision", "dahua"];
/** Of each run. */
const MAX_SECONDS = 20;
const CHECKS = [
  "not_a_server_error",
  "status_code_conformance",
  "content_type_conformance",
  "response_headers_conformance",
  "response_schema_conformance",
  "ignored_auth",
];

const description = fileURLToPath(new URL("../../docs/motion-api.openapi.json", import.meta.url));

await packageService();
const stack = await startStack();
const folder = mkdtempSync(join(tmpdir(), "doorstep-fuzz-"));
try {
  const fleet = await Fleet.open("doorstep-dev", stack.config, stack.clock);
  const masterSecret = await fleet.masterSecret();
  for (const motionFormat of FORMATS) {
    const cameraId = `fuzzed-${motionFormat}`;
    await fleet.add({ cameraId, motionFormat });
    const token = deriveToken(masterSecret, cameraId, 1);
    const exitCode = await fuzz(cameraId, token, motionFormat);
    if (exitCode !== 0) throw new Error(`schemathesis ended with ${exitCode} for the format ${motionFormat}`);
  }
} finally {
  await stack.stop();
  rmSync(folder, { recursive: true });
}

async function fuzz(cameraId: string, token: string, motionFormat: MotionFormat): Promise<number> {
  const config = join(folder, `${cameraId}.toml`);
  // Of an invalid JSON body it expects a refusal only where JSON is what the camera sends.
  const checks = motionFormat === "standard" ? [...CHECKS, "negative_data_rejection"] : CHECKS;
  writeFileSync(config, `[parameters]\n"path.cameraId" = "${cameraId}"\n`);
  const flags = ["--url", fleetUrl(), "--header", `Authorization: Bearer ${token}`];
  const limits = ["--max-time", String(MAX_SECONDS), "--phases", "coverage,fuzzing", "--warnings", "off"];
  const child = spawn(
    "st",
    ["--config-file", config, "run", description, ...flags, ...limits, "--checks", checks.join(",")],
    { cwd: folder, stdio: ["ignore", "inherit", "inherit"] },
  );
  const [code] = (await once(child, "exit")) as [number | null];
  return code ?? 1;
}

function fleetUrl(): string {
  return stack.journey.outputs.MotionApiUrl.replace(/\/+$/, "");
}
