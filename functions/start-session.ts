import { randomUUID } from "node:crypto";
import { startLabelSession, type StartOutcome } from "../aws/rekognition.ts";
import { sessionsTable } from "../aws/sessions.ts";
import { parseMotionStart } from "../core/motion.ts";
import { Problem } from "../core/problem.ts";
import { decideStart, failed, started } from "../core/session.ts";
import type { Camera } from "../schemas/camera.ts";
import type { MotionStart } from "../schemas/motion.ts";
import type { Session } from "../schemas/session.ts";
import { authenticate, once } from "./_authenticate.ts";
import { environment } from "./_environment.ts";
import { httpHandler, logger, type Answer } from "./_http.ts";
import { sessionView } from "./_session-view.ts";

const sessions = sessionsTable(environment("SESSIONS_TABLE"));

/** `POST /cameras/{cameraId}/motion/start`: 202 with the session started, 200 with the one already running. */
export const handler = httpHandler(async (request) => {
  const nowMs = Date.now();
  const { camera, webhookId } = await authenticate(request, nowMs);
  const motion = parseMotionStart(request.rawBody, nowMs);
  return await once(webhookId, nowMs, () => start(camera, motion, nowMs));
});

async function start(
  camera: Camera,
  { at, maxDurationSeconds }: MotionStart,
  nowMs: number,
): Promise<Answer> {
  const current = await sessions.find(camera.cameraId);
  const decision = decideStart(current, camera, { atMs: at, maxDurationSeconds }, nowMs, randomUUID());
  if (decision.kind === "already-running") return { status: 200, body: sessionView(decision.session) };

  const { session } = decision;
  if (!(await sessions.claim(session, decision.replaces))) {
    const winner = await sessions.find(camera.cameraId);
    return { status: 200, body: sessionView(winner ?? session) };
  }
  const outcome = await startLabelSession(session);
  if (outcome.kind !== "started") throw await recordFailure(session, outcome, nowMs);
  const running = started(session, outcome.sessionId, nowMs);
  await sessions.move(running, "starting");
  logger.info("session started", { cameraId: camera.cameraId, sessionId: outcome.sessionId });
  return { status: 202, body: sessionView(running) };
}

async function recordFailure(
  session: Session,
  outcome: Exclude<StartOutcome, { kind: "started" }>,
  nowMs: number,
): Promise<Problem> {
  const problem = problemOf(outcome);
  await sessions.move(failed(session, problem.message, nowMs), "starting");
  logger.warn("session not started", { cameraId: session.cameraId, reason: problem.message });
  return problem;
}

function problemOf(outcome: Exclude<StartOutcome, { kind: "started" }>): Problem {
  switch (outcome.kind) {
    case "throttled":
      return new Problem(
        "throttled",
        "Rekognition takes no more sessions at the moment; send the motion again",
        5,
      );
    case "busy":
      return new Problem(
        "processor-busy",
        "the stream processor's last run has not ended; send the motion again",
        10,
      );
    case "refused":
      return new Problem("start-refused", outcome.reason, 60);
  }
}
