/** What the two motion addresses have in common. */
import { readMotion, type Motion } from "../core/motion/read-motion.ts";
import { applyEvent, type SessionRecords } from "../core/sessions/drive.ts";
import { sessionView } from "../core/sessions/session-view.ts";
import type { SessionResponse } from "../schemas/session-response.ts";
import type { Authenticated } from "./_authenticate.ts";
import type { CameraRequest, ResponseContent } from "./_http.ts";
import { log } from "./_runtime.ts";

/** Reads a request by its camera's motion format. @throws Problem, as `readMotion` does */
export const motionOf = (
  { rawBody, header }: CameraRequest,
  { camera }: Authenticated,
  address: "began" | "ended",
  nowMs: number,
): Motion => readMotion(camera, { bytes: rawBody, contentType: header("content-type") }, address, nowMs);

/** A notification that reports no motion, such as a heartbeat: 200, and nothing is written. */
export function ignored(
  { camera: { cameraId }, record, credential, clockSkewMs }: Authenticated,
  { reason }: Motion,
): ResponseContent {
  log.info("no motion", { cameraId, reason, credential, clockSkewMs });
  const body: SessionResponse = { ...sessionView(record), noMotion: reason };
  return { status: 200, body };
}

/** Motion ended: 200 with the session that runs until its longest duration, or with the last one. */
export async function ended(
  records: SessionRecords,
  { motionRequest, ...known }: Authenticated,
  atMs: number,
): Promise<ResponseContent> {
  const event = { kind: "motion-stopped", atMs, request: motionRequest } as const;
  const { record } = await applyEvent(records, known.record, event);
  const { cameraId, state, run } = record;
  const { credential, clockSkewMs } = known;
  log.info("motion stopped", { cameraId, state, sessionId: run?.sessionId, credential, clockSkewMs });
  return { status: 200, body: sessionView(record) };
}
