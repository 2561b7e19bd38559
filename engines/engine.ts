import type { RunStatus, SessionRequest, StartResult, StopResult } from "../schemas/engine.ts";

/**
 * What analyses a camera's video and publishes what it detects. A run of it over a camera's video is a *session*. The
 * engine publishes on the detections topic, in the JSON of `schemas/notification.ts`:
 *
 * - `LABEL_DETECTED` when a label is first detected in a session, at most once per label and session;
 * - `STREAM_PROCESSING_COMPLETE` when a session ends, with the duration of the video that it has analysed. A session that
 *   failed publishes none.
 *
 * Each notification has an event id of its own; SNS may deliver it more than once.
 *
 * Nothing below an engine waits or retries: a caller that gets no result knows neither way and uses `find` later.
 * `test/behaviours/engine.ts` holds every engine to this.
 */
export interface Engine {
  /**
   * Starts a session, which ends by itself after `maxDurationSeconds` of video. A camera has at most one: a start while
   * the last session runs is `processor-busy`. A session that cannot read its video may still be `started`; `find` then
   * returns `failed` a little later.
   * @throws Error when there is no result, so that a session may have been started or not
   */
  start(request: SessionRequest): Promise<StartResult>;

  /**
   * Status of the camera's latest run. `stopped` also means that there has been none.
   * @throws Error when the engine is throttled or does not respond
   */
  find(processorName: string): Promise<RunStatus>;

  /**
   * Ends the camera's running session early, if the engine can; `STREAM_PROCESSING_COMPLETE` follows all the same.
   * @param videoEndMs producer time at which the session is to end, exclusive, for engines that can choose it; never later
   * than it would end anyway. By default, and for other engines, it is now
   * @throws Error when the engine is throttled, refuses or does not respond
   */
  stop(processorName: string, videoEndMs?: number): Promise<StopResult>;
}
