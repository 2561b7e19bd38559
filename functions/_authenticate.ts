import * as v from "valibot";
import { camerasTable } from "../aws/cameras.ts";
import { readSecret } from "../aws/secrets.ts";
import { webhookIdsTable } from "../aws/webhook-ids.ts";
import { Problem } from "../core/problem.ts";
import { deriveKey, TOLERANCE_MS, verify } from "../core/webhook.ts";
import { cameraId as cameraIdSchema, type Camera } from "../schemas/camera.ts";
import { environment } from "./_environment.ts";
import type { MotionRequest } from "./_http.ts";

const cameras = camerasTable(environment("CAMERAS_TABLE"));
const webhookIds = webhookIdsTable(environment("WEBHOOK_IDS_TABLE"));
const masterSecretArn = environment("MASTER_SECRET_ARN");

/** The key version that an unknown camera's signature is held against, so that it takes the same way as a known one's. */
const FIRST_KEY_VERSION = 1;

const unauthorized = () =>
  new Problem(
    "unauthorized",
    "sign the request as a Standard Webhook with this camera's secret and a fresh timestamp",
  );

/** A camera whose signature was good. */
export interface Authenticated {
  readonly camera: Camera;
  /** Unique among all cameras' webhooks. */
  readonly webhookId: string;
}

/**
 * Who sent the request.
 * @throws Problem `unauthorized` for what is unsigned, wrongly signed or stale; `unknown-camera` for a validly signed
 *   request of a camera that is not registered
 */
export async function authenticate(
  { cameraId, rawBody, header }: MotionRequest,
  nowMs: number,
): Promise<Authenticated> {
  if (!v.is(cameraIdSchema, cameraId)) throw unauthorized();
  const [camera, masterSecret] = await Promise.all([cameras.find(cameraId), readSecret(masterSecretArn)]);
  const key = deriveKey(masterSecret, cameraId, camera?.keyVersion ?? FIRST_KEY_VERSION);
  const headers = {
    id: header("webhook-id"),
    timestamp: header("webhook-timestamp"),
    signature: header("webhook-signature"),
  };
  const verification = verify(headers, rawBody, key, nowMs);
  if (!verification.ok) throw unauthorized();
  if (!camera) throw new Problem("unknown-camera", `${cameraId} is not registered`);
  return { camera, webhookId: `${cameraId}/${verification.id}` };
}

/**
 * Acts on a webhook at most once: a replay is refused, and one that could not be acted on may be sent again.
 * @throws Problem `unauthorized` for a replay
 */
export async function once<T>(webhookId: string, nowMs: number, act: () => Promise<T>): Promise<T> {
  // A timestamp may lie ahead by the tolerance and then stays fresh for as long again.
  if (!(await webhookIds.remember(webhookId, nowMs, 2 * TOLERANCE_MS))) throw unauthorized();
  try {
    return await act();
  } catch (error) {
    await webhookIds.forget(webhookId);
    throw error;
  }
}
