import { SECOND_MS } from "../../base/durations.ts";
import type { SessionMessage } from "../../schemas/engine-session.ts";
import type { ReceivedFragment } from "../../schemas/fragment.ts";
import type { FrameSession } from "../../schemas/frame-session.ts";
import * as moments from "./moments.ts";
import { processingComplete } from "./notification.ts";
import type { FrameParts } from "./parts.ts";
import { samplingOf } from "./sampling.ts";
import { containing, endMsOf, nextAfter, storedFragments } from "./stored.ts";
import { takeSample } from "./take-sample.ts";

/** How many moments one step samples, when so many are due. */
const MAX_SAMPLES = 4;
/** How often a step is done anew because another writer was faster. */
const MAX_ATTEMPTS = 5;

/** A message that is delivered before the record is written does the step again. */
const SHORTEST_DELAY_MS = SECOND_MS;
/** Of a step's number, what is below this is random: two steps that are done at once send different messages. */
const RANDOM_PART = 1_000_000;

/**
 * Does one step of a session: samples the moments that are due, publishes what they are the first to show, and sends the
 * message of the next step, or ends the session. The message of a step that was done changes nothing.
 *
 * The next message is sent before the record is written. A step that dies between the two leaves a message that finds the
 * old record and does the step again, as does its own message when the queue delivers it again; what that publishes has
 * the same event ids.
 * @throws the error of the part that failed; the message is then to be received again
 */
export async function runStep(parts: FrameParts, message: SessionMessage): Promise<void> {
  const { processorName, sessionId } = message;
  for (let attempt = 1; attempt <= MAX_ATTEMPTS; attempt++) {
    const session = await parts.sessions.find(processorName);
    if (session?.sessionId !== sessionId || session.state !== "running" || isDone(message, session)) return;
    const next = {
      ...(await advanced(parts, session)),
      version: session.version + 1,
      step: (indexOf(session) + 1) * RANDOM_PART + Math.floor(parts.random() * RANDOM_PART),
    };
    if (next.state === "running") {
      const delayMs = Math.max(SHORTEST_DELAY_MS, next.dueAtMs - parts.now());
      await parts.schedule({ processorName, sessionId, step: next.step }, delayMs);
    }
    if (await parts.sessions.put(next)) return;
  }
  throw new Error(
    `session ${sessionId} of ${processorName} changed ${MAX_ATTEMPTS} times while its step was done`,
  );
}

const indexOf = ({ step }: { readonly step: number }): number => Math.floor(step / RANDOM_PART);

/**
 * Whether the session needs the message no more: it is of an earlier step, or of one that was done at the same time as the
 * step that continued the session. A message of a later step is of one that died, or has yet to write the record.
 */
const isDone = (message: SessionMessage, session: FrameSession): boolean =>
  message.step !== session.step && indexOf(message) <= indexOf(session);

/** The session after a step, with the time of its next one. */
async function advanced(parts: FrameParts, given: FrameSession): Promise<FrameSession> {
  let session = given;
  if (session.streamArn === undefined) {
    const stream = await parts.streamArnOf(session.streamName);
    if (stream.kind === "refused") return failed(session, stream.reason);
    session = { ...session, streamArn: stream.arn };
  }
  for (let samples = 0; moments.hasMoment(session); samples++) {
    const nowMs = parts.now();
    if (moments.isOverdue(session, nowMs)) return await ended(parts, session);
    if (samples === MAX_SAMPLES || moments.dueAtMs(session, session.nextAtMs) > nowMs)
      return { ...session, dueAtMs: Math.max(nowMs, moments.dueAtMs(session, session.nextAtMs)) };
    const result = await takeSample(parts, session);
    switch (result.kind) {
      case "image":
        session = moments.sampled(
          { ...session, detected: [...session.detected, ...result.detected] },
          "image",
        );
        break;
      case "unreadable":
        session = moments.sampled(session, "unreadable");
        break;
      case "throttled":
        return moments.refused(session, parts.now(), parts.random());
      case "refused":
        return failed(session, result.reason);
      case "no-video": {
        const { nextAtMs: forMs } = session;
        const isStored = containing(result.fragments, forMs) !== undefined;
        const later = isStored ? undefined : nextAfter(result.fragments, forMs);
        if (later) {
          session = moments.skipped(session, later.startMs);
          break;
        }
        session = moments.waiting(session, { forMs, storedUntilMs: endMsOf(result.fragments) }, parts.now());
        if (!moments.hasWaited(session, parts.now())) return session;
        if (!isStored) return await ended(parts, session);
        session = moments.sampled(session, "unreadable");
      }
    }
  }
  return await finished(parts, session);
}

/** Ends a session that samples no more, once the stream has its video to the end. */
async function finished(parts: FrameParts, session: FrameSession): Promise<FrameSession> {
  const { videoStartMs, videoEndMs } = session;
  const nowMs = parts.now();
  const dueAtMs = moments.dueAtMs(session, videoEndMs);
  if (dueAtMs > nowMs) return { ...session, dueAtMs };
  const fragments = await fragmentsOf(parts, session);
  const storedUntilMs = endMsOf(fragments);
  if (storedUntilMs >= videoEndMs || videoEndMs === videoStartMs || moments.isOverdue(session, nowMs))
    return await ended(parts, session, fragments);
  const waiting = moments.waiting(session, { forMs: videoEndMs, storedUntilMs }, nowMs);
  return moments.hasWaited(waiting, nowMs) ? await ended(parts, waiting, fragments) : waiting;
}

/** What the stream stores of the session's video. */
const fragmentsOf = (parts: FrameParts, { streamName, videoStartMs, videoEndMs }: FrameSession) =>
  storedFragments(parts, streamName, videoStartMs, videoEndMs);

async function ended(
  parts: FrameParts,
  session: FrameSession,
  known?: readonly ReceivedFragment[],
): Promise<FrameSession> {
  const fragments = known ?? (await fragmentsOf(parts, session));
  await parts.publish(processingComplete(session, samplingOf(session, fragments)));
  return { ...session, state: "ended" };
}

/** A session of which no end is published: see `engines/engine.ts`. */
const failed = (session: FrameSession, failure: string): FrameSession => ({
  ...session,
  state: "failed",
  failure,
});
