import * as v from "valibot";
import { maxDurationSeconds } from "./camera.ts";
import { cameraId } from "./camera-id.ts";
import { session } from "./session.ts";

const time = (about: string) => v.optional(v.pipe(v.string(), v.isoTimestamp(), v.description(about)));
const text = (about: string) => v.optional(v.pipe(v.string(), v.description(about)));

/** A camera's session, as the motion API returns it. */
export const sessionResponse = v.strictObject({
  cameraId,
  state: v.pipe(session.entries.state, v.description("State of the current or last session")),
  sessionId: text("The engine's id of the session"),
  videoStartAt: time("Where in the video the session begins"),
  maxDurationSeconds: v.optional(
    v.pipe(maxDurationSeconds, v.description("The most video that the session analyses")),
  ),
  motionUntilAt: time("Until when motion is to be analysed, unless it is stopped or reported again"),
  motionEndedAt: time("When the camera reported that motion stopped"),
  notAnalysed: v.optional(
    v.pipe(session.entries.blocked.wrapped, v.description("What keeps motion from being analysed now")),
  ),
  failure: text("Why the last session or start failed"),
  retryAt: time("When a start is retried"),
  noMotion: text("Why the request reports no motion, such as a heartbeat; nothing was started or written"),
});

export type SessionResponse = v.InferOutput<typeof sessionResponse>;
