import * as v from "valibot";
import { camerasTable } from "../aws/cameras.ts";
import { rateLimitsTable } from "../aws/rate-limits.ts";
import { readSecret } from "../aws/secrets.ts";
import { webhookIdsTable } from "../aws/webhook-ids.ts";
import { prove, readCredential } from "../core/credential.ts";
import { Problem } from "../core/problem.ts";
import { TOLERANCE_MS } from "../core/webhook.ts";
import { cameraId as cameraIdSchema, type Camera } from "../schemas/camera.ts";
import type { Session } from "../schemas/session.ts";
import { find } from "./_drive.ts";
import { environment } from "./_environment.ts";
import type { MotionRequest } from "./_http.ts";
import { sessions } from "./_sessions.ts";

/** What a camera may report: so much at once, and one report a second in the long run. */
const RATE = { burst: 30, intervalMs: 1000 };

const cameras = camerasTable(environment("CAMERAS_TABLE"));
const rateLimits = rateLimitsTable(environment("RATE_LIMITS_TABLE"), RATE);
const webhookIds = webhookIdsTable(environment("WEBHOOK_IDS_TABLE"));
const masterSecretArn = environment("MASTER_SECRET_ARN");

/** The key version that an unknown camera's credential is held against, so that it takes the same way as a known one's. */
const FIRST_KEY_VERSION = 1;

const unauthorized = () =>
  new Problem(
    "unauthorized",
    "prove the request with this camera's credential: a Standard Webhooks signature with a fresh timestamp and an id not used before, or its token",
  );

/** A camera whose credential was good. */
export interface Authenticated {
  readonly camera: Camera;
  /** Unique among all cameras' webhooks; undefined where the request has no id. */
  readonly webhookId: string | undefined;
}

/**
 * Who sent the request. The camera's record is read each time, so a key that was revoked is refused from then on; only
 * the master secret is kept for a while (`readSecret`).
 * @throws Problem `unauthorized` for a missing, wrong, revoked or stale credential; `unknown-camera` for the good one of
 *   a camera that is not registered
 */
export async function authenticate(request: MotionRequest, nowMs: number): Promise<Authenticated> {
  const { cameraId, rawBody } = request;
  if (!v.is(cameraIdSchema, cameraId)) throw unauthorized();
  const [camera, masterSecret] = await Promise.all([cameras.find(cameraId), readSecret(masterSecretArn)]);
  const credential = readCredential(cameraId, request);
  const versions = camera ?? { keyVersion: FIRST_KEY_VERSION };
  const proof = prove(credential, rawBody, cameraId, versions, masterSecret, nowMs);
  if (!proof.ok) throw unauthorized();
  if (!camera) throw new Problem("unknown-camera", `${cameraId} is not registered`);
  return { camera, webhookId: proof.webhookId && `${cameraId}/${proof.webhookId}` };
}

/**
 * Acts on a camera's request with its session's record, as often as its rate allows. A webhook acts at most once: a
 * replay is refused, and one that could not be acted on may be sent again. A request without an id acts each time,
 * which a session takes as the same motion. What is to be known first is asked for all at once.
 * @throws Problem `unauthorized` for a replay, `too-many-requests` for a camera that reports too often
 */
export async function once<T>(
  { camera: { cameraId }, webhookId }: Authenticated,
  nowMs: number,
  act: (record: Session) => Promise<T>,
): Promise<T> {
  const others = Promise.all([rateLimits.take(cameraId, nowMs), find(sessions, cameraId)]);
  others.catch(() => undefined);
  // A timestamp may lie ahead by the tolerance and then stays fresh for as long again.
  const isNew = webhookId === undefined || (await webhookIds.remember(webhookId, nowMs, 2 * TOLERANCE_MS));
  if (!isNew) throw unauthorized();
  try {
    const [mayReport, record] = await others;
    if (!mayReport) throw new Problem("too-many-requests", "the camera reports more than once a second", 1);
    return await act(record);
  } catch (error) {
    if (webhookId !== undefined) await webhookIds.forget(webhookId);
    throw error;
  }
}
