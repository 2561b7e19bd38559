import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { HOUR_MS } from "../../base/durations.ts";
import { writeHours } from "../../cli/generate/lake-files.ts";
import { openApi } from "../../console/open-api.ts";
import { openConsole } from "../../console/server.ts";
import { withExplainedErrors } from "../../operator/aws-errors.ts";
import { Fleet } from "../../operator/fleet.ts";
import type { TestStack } from "../local/stack.ts";
import { CHECKS, fuzz } from "./schemathesis.ts";

const MAX_SECONDS = 60;
const CAMERA_ID = "fuzzed-console";

/** The console's API, reads and writes, over a lake with some hours of history. Its events never end, so they are left out. */
export async function fuzzConsole(stack: TestStack): Promise<void> {
  const fleet = await Fleet.open("doorstep-dev", stack.config, stack.clock);
  await fleet.add({ cameraId: CAMERA_ID, engine: "frames" });
  await writeHistory(stack);
  const config = withExplainedErrors(stack.config);
  const { url, close } = await openConsole({
    config,
    stack: "doorstep-dev",
    isLocal: true,
    port: 0,
    clock: stack.clock,
  });
  const folder = mkdtempSync(join(tmpdir(), "doorstep-fuzz-"));
  try {
    const { origin, port, searchParams } = new URL(url);
    const description = join(folder, "console.openapi.json");
    // The name of the cookie has the console's port.
    writeFileSync(description, JSON.stringify(openApi()).replaceAll("{port}", port));
    await fuzz("the console", {
      description,
      url: origin,
      headers: { origin },
      keys: { cookie: searchParams.get("token")! },
      parameters: { "path.cameraId": CAMERA_ID },
      checks: [...CHECKS, "negative_data_rejection"],
      flags: ["--exclude-path", "/api/live"],
      maxSeconds: MAX_SECONDS,
    });
  } finally {
    await close();
    rmSync(folder, { recursive: true });
  }
}

async function writeHistory({ config, clock, journey }: TestStack): Promise<void> {
  const { LakeBucketName, CameraPrefix, EvidenceBucketName } = journey.outputs;
  const s3 = new S3Client({ ...config, forcePathStyle: true });
  const end = Math.floor(clock.now() / HOUR_MS);
  const first = end - 6;
  const options = {
    cameras: 4,
    fromMs: first * HOUR_MS,
    untilMs: end * HOUR_MS,
    seed: 7,
    detectionsPerDay: 1000,
    streamPrefix: CameraPrefix,
    evidenceBucket: EvidenceBucketName,
    faces: true as const,
  };
  await writeHours(options, { first, end }, async (Key, Body) => {
    await s3.send(new PutObjectCommand({ Bucket: LakeBucketName, Key, Body }));
  });
  s3.destroy();
}
