import * as v from "valibot";
import { camerasTable } from "../aws/cameras.ts";
import { readSecret } from "../aws/secrets.ts";
import type { Report } from "../core/motion/admission.ts";
import { prove, readCredential } from "../core/motion/credential.ts";
import { Problem, unauthorized } from "../core/motion/problem.ts";
import { cameraId as cameraIdSchema, type Camera } from "../schemas/camera.ts";
import type { Session } from "../schemas/session.ts";
import { find, note } from "../core/sessions/drive.ts";
import { environment } from "./_environment.ts";
import type { MotionRequest } from "./_http.ts";
import { sessions } from "./_sessions.ts";

const cameras = camerasTable(environment("CAMERAS_TABLE"));
const masterSecretArn = environment("MASTER_SECRET_ARN");

/** The key version that an unknown camera's credential is held against, so that it takes the same way as a known one's. */
const FIRST_KEY_VERSION = 1;

/** A camera whose credential was good. */
export interface Authenticated {
  readonly camera: Camera;
  /** The camera's session as it was read. */
  readonly record: Session;
  /** What the session's record is to count together with what it hears: see `admit`. */
  readonly report: Report;
}

/**
 * Who sent the request. The camera's record is read each time, so a key that was revoked is refused from then on; only
 * the master secret is kept for a while (`readSecret`). The session is read beside it, since nobody who is let in does
 * without.
 * @throws Problem `unauthorized` for a missing, wrong, revoked or stale credential; `unknown-camera` for the good one of
 *   a camera that is not registered
 */
export async function authenticate(request: MotionRequest, nowMs: number): Promise<Authenticated> {
  const { cameraId, rawBody } = request;
  if (!v.is(cameraIdSchema, cameraId)) throw unauthorized();
  const [camera, record, masterSecret] = await Promise.all([
    cameras.find(cameraId),
    find(sessions, cameraId),
    readSecret(masterSecretArn),
  ]);
  const credential = readCredential(cameraId, request);
  const versions = camera ?? { keyVersion: FIRST_KEY_VERSION };
  const proof = prove(credential, rawBody, cameraId, versions, masterSecret, nowMs);
  if (!proof.ok) throw unauthorized();
  if (!camera) throw new Problem("unknown-camera", `${cameraId} is not registered`);
  return { camera, record, report: proof.report };
}

/**
 * Acts on a camera's request. A webhook acts at most once, and one that could not be acted on may be sent again; a
 * request without an id acts each time, which a session takes as the same motion.
 */
export async function once<T>(
  { camera: { cameraId }, report: { webhook } }: Authenticated,
  act: () => Promise<T>,
): Promise<T> {
  try {
    return await act();
  } catch (error) {
    // Any other problem was told before anything was written.
    const wasAdmitted = !(error instanceof Problem) || error.type === "start-refused";
    if (webhook && wasAdmitted)
      await note(sessions, await find(sessions, cameraId), {
        kind: "webhook-refused",
        webhookId: webhook.id,
      });
    throw error;
  }
}
