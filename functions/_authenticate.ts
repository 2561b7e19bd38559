import * as v from "valibot";
import { camerasTable } from "../aws/cameras.ts";
import { readSecret } from "../aws/secrets.ts";
import type { MotionRequest } from "../core/motion/admission.ts";
import { prove, readCredential, type Credential } from "../core/motion/credential.ts";
import { diagnoseForm, diagnoseProof } from "../core/motion/diagnosis.ts";
import { Problem, unauthorized } from "../core/problem.ts";
import { applyEvent, findSession } from "../core/sessions/drive.ts";
import type { Camera } from "../schemas/camera.ts";
import { cameraId as cameraIdSchema } from "../schemas/camera-id.ts";
import type { Session } from "../schemas/session.ts";
import type { CameraRequest } from "./_http.ts";
import { environment } from "./_runtime.ts";
import { sessionTable } from "./_sessions.ts";

const cameras = camerasTable(environment("CAMERAS_TABLE"));
const sessions = sessionTable();
const masterSecretArn = environment("MASTER_SECRET_ARN");

/** An unknown camera's credential is checked against this key version, so that it takes the same time as a known one's. */
const FIRST_KEY_VERSION = 1;

/** A camera whose credential is valid. */
export interface Authenticated {
  readonly camera: Camera;
  /** The camera's session as it was read. */
  readonly record: Session;
  /** What `admit` counts in the write that the request's event makes. */
  readonly motionRequest: MotionRequest;
  readonly credential: Credential["kind"];
  /** How far a signed request's timestamp is behind this clock; negative if it is ahead. */
  readonly clockSkewMs: number | undefined;
}

/**
 * Authenticates a request. Nothing is read for a request without a plausible credential. The camera's record is read each
 * time, so a revoked key is refused from then on; only the master secret is cached (`readSecret`). The session is read at
 * the same time, since every request needs it.
 * @throws Problem `unauthorized` for a missing, wrong, revoked or stale credential; `unknown-camera` for a valid one of
 *   a camera that is not registered
 */
export async function authenticate(request: CameraRequest, nowMs: number): Promise<Authenticated> {
  const { cameraId, rawBody } = request;
  const credential = readCredential(cameraId, request);
  if (credential.kind === "none" || !v.is(cameraIdSchema, cameraId))
    throw unauthorized(diagnoseForm(cameraId, request, rawBody, nowMs));
  const [camera, record, masterSecret] = await Promise.all([
    cameras.find(cameraId),
    findSession(sessions, cameraId),
    readSecret(masterSecretArn),
  ]);
  const versions = camera ?? { keyVersion: FIRST_KEY_VERSION };
  const proof = prove(credential, rawBody, cameraId, versions, masterSecret, nowMs);
  if (!proof.ok)
    throw unauthorized(diagnoseProof({ ...versions, masterSecret, cameraId }, request, rawBody, nowMs));
  if (!camera) throw new Problem("unknown-camera", `${cameraId} is not registered`);
  const { webhook } = proof.request;
  return {
    camera,
    record,
    motionRequest: proof.request,
    credential: credential.kind,
    clockSkewMs: webhook && nowMs - webhook.sentMs,
  };
}

/**
 * Acts on a camera's request. A webhook acts at most once, and one whose action failed may be sent again. A request
 * without an id acts each time, which a session takes as the same motion.
 */
export async function once<T>(
  { camera: { cameraId }, motionRequest: { webhook } }: Authenticated,
  act: () => Promise<T>,
): Promise<T> {
  try {
    return await act();
  } catch (error) {
    // Any other problem was thrown before anything was written.
    const wasAdmitted = !(error instanceof Problem) || error.type === "start-refused";
    if (webhook && wasAdmitted)
      await applyEvent(sessions, await findSession(sessions, cameraId), {
        kind: "webhook-released",
        webhookId: webhook.id,
      });
    throw error;
  }
}
