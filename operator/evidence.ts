import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { AthenaClient } from "@aws-sdk/client-athena";
import { GetObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { forEachConcurrently } from "../base/concurrency.ts";
import { errorMessage, isNamed } from "../base/errors.ts";
import { runQuery, type QueryOptions } from "./athena.ts";
import type { ClientConfig } from "./client-config.ts";
import { objectAt } from "./objects.ts";
import { sqlText } from "../schemas/queries/sql-text.ts";
import type { StackOutputs } from "./stack.ts";

/** Which detections to find; the latest ones first. */
interface EvidenceScope {
  readonly fromMs: number;
  readonly toMs: number;
  readonly limit: number;
  readonly cameraId?: string | undefined;
  readonly sessionIds?: readonly string[];
  /** Cameras whose ids begin so are left out, unless `cameraId` names one. */
  readonly withoutPrefix?: string;
}

/** A detection and the addresses of its pictures, `s3://bucket/key`. */
export interface DetectionPictures {
  readonly cameraId: string;
  readonly label: string;
  readonly detectedAtMs: number;
  /** 0 to 100. */
  readonly confidence: number | null;
  readonly frameUri: string | null;
  readonly cropUri: string | null;
}

/** A picture of a detection: a file, or the reason why there is none. */
export type SavedPicture = { readonly detection: DetectionPictures; readonly kind: "crop" | "frame" } & (
  { readonly file: string } | { readonly missing: string }
);

const AT_ONCE = 8;

/** Finds the detections of a scope in the lake. */
export async function findEvidence(
  scope: EvidenceScope,
  { WorkGroupName, DatabaseName }: StackOutputs,
  config: ClientConfig,
  options: QueryOptions = {},
): Promise<DetectionPictures[]> {
  const client = new AthenaClient(config);
  try {
    const context = { client, workGroup: WorkGroupName, database: DatabaseName };
    const { rows } = await runQuery(evidenceSql(scope), context, options);
    return rows.map(([cameraId, label, detectedAtMs, confidence, frameUri, cropUri]) => ({
      cameraId: cameraId ?? "",
      label: label ?? "",
      detectedAtMs: Number(detectedAtMs),
      confidence: confidence == null ? null : Number(confidence),
      frameUri: frameUri ?? null,
      cropUri: cropUri ?? null,
    }));
  } finally {
    client.destroy();
  }
}

function evidenceSql(scope: EvidenceScope): string {
  const { fromMs, toMs, limit, cameraId, sessionIds, withoutPrefix } = scope;
  const conditions = [
    `dt BETWEEN ${sqlText(day(fromMs))} AND ${sqlText(day(toMs))}`,
    `detected_at_ms BETWEEN ${fromMs} AND ${toMs}`,
    cameraId !== undefined && `camera_id = ${sqlText(cameraId)}`,
    cameraId === undefined &&
      withoutPrefix !== undefined &&
      `camera_id NOT LIKE ${sqlText(`${withoutPrefix}%`)}`,
    sessionIds && `session_id IN (${sessionIds.map(sqlText).join(", ")})`,
  ].filter((condition) => typeof condition === "string");
  return `SELECT camera_id, label, detected_at_ms, confidence, frame_image_uri, cropped_image_uri
FROM detections
WHERE ${conditions.join("\n  AND ")}
ORDER BY detected_at_ms DESC, label_id
LIMIT ${limit}`;
}

const day = (ms: number): string => new Date(ms).toISOString().slice(0, 10);

/**
 * Writes the pictures of detections into a folder, which is created: the cropped object and the whole frame of each, as
 * files that any viewer opens. A picture that cannot be fetched has the reason instead.
 */
export async function saveEvidence(
  detections: readonly DetectionPictures[],
  folder: string,
  config: ClientConfig,
  signal?: AbortSignal,
): Promise<SavedPicture[]> {
  await mkdir(folder, { recursive: true });
  const taken = new Map<string, number>();
  const wanted = detections.flatMap((detection) =>
    (["crop", "frame"] as const).map((kind) => ({
      detection,
      kind,
      file: join(folder, fileName(detection, kind, taken)),
    })),
  );
  const client = new S3Client(config);
  const saved = new Map<(typeof wanted)[number], SavedPicture>();
  try {
    await forEachConcurrently(wanted, { limit: AT_ONCE }, async (one) => {
      const { detection, kind, file } = one;
      try {
        const bytes = await fetchPicture(
          kind === "crop" ? detection.cropUri : detection.frameUri,
          client,
          signal,
        );
        await writeFile(file, bytes);
        saved.set(one, { detection, kind, file });
      } catch (error) {
        signal?.throwIfAborted();
        saved.set(one, { detection, kind, missing: whyMissing(error) });
      }
    });
  } finally {
    client.destroy();
  }
  return wanted.map((one) => saved.get(one)!);
}

/** E.g. `front-door-2026-11-21T08-00-04.120Z-person.jpg`, with a number where another one has the same name. */
function fileName(
  { cameraId, label, detectedAtMs }: DetectionPictures,
  kind: SavedPicture["kind"],
  taken: Map<string, number>,
): string {
  const words = [cameraId, new Date(detectedAtMs).toISOString().replaceAll(":", "-"), label.toLowerCase()];
  if (kind === "frame") words.push("frame");
  const name = words.map((word) => word.replaceAll(/[^\w.-]+/g, "_")).join("-");
  const number = (taken.get(name) ?? 0) + 1;
  taken.set(name, number);
  return `${name}${number === 1 ? "" : `-${number}`}.jpg`;
}

async function fetchPicture(
  uri: string | null,
  client: S3Client,
  abortSignal: AbortSignal | undefined,
): Promise<Uint8Array> {
  const address = objectAt(uri ?? "");
  if (!address) throw new Error("the notification had no picture");
  const { Body } = await client.send(new GetObjectCommand(address), abortSignal && { abortSignal });
  return await Body!.transformToByteArray();
}

const whyMissing = (error: unknown): string =>
  isNamed(error, "NoSuchKey") ? "the picture has expired or was deleted" : errorMessage(error);
