import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { S3Client } from "@aws-sdk/client-s3";
import { withExplainedErrors } from "../../operator/aws-errors.ts";
import { lakeObjects } from "../../operator/lake-objects.ts";
import type { ClientConfig } from "../../operator/client-config.ts";
import type { Put } from "./lake-files.ts";

/** Where a history is written: the lake's bucket, or a folder with the same structure. */
export type Target = { readonly bucket: string; readonly config: ClientConfig } | { readonly folder: string };

/** The target as threads can be given it: functions cannot be copied to them, so the errors' logger stays behind. */
export function forThreads(target: Target): Target {
  if (!("bucket" in target)) return target;
  const { logger: _logger, ...config } = target.config;
  return { ...target, config };
}

export function openTarget(target: Target): { readonly put: Put; readonly close: () => void } {
  if ("bucket" in target) {
    const client = new S3Client(withExplainedErrors(target.config));
    return { put: lakeObjects(target.bucket, client).put, close: () => client.destroy() };
  }
  const put: Put = async (key, bytes) => {
    const file = join(target.folder, key);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, bytes);
  };
  return { put, close: () => {} };
}
