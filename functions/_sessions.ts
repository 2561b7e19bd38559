/** What moves sessions. Each is made by a call, so that a bundle has only the clients that its function uses. */
import { faceSessionsTable } from "../aws/face-sessions.ts";
import { frameSessionsTable } from "../aws/frame-sessions.ts";
import { faceProcessors } from "../aws/rekognition.ts";
import { sessionQueue, wakeQueue } from "../aws/queues.ts";
import { sessionsTable } from "../aws/sessions.ts";
import { systemClock } from "../base/clock.ts";
import { randomId, systemRandom } from "../base/random.ts";
import type { SessionRecords, SessionTable } from "../core/sessions/drive.ts";
import type { Engine } from "../engines/engine.ts";
import { faceSearchEngine } from "../engines/face-search/index.ts";
import { framesEngine } from "../engines/frames/index.ts";
import { streamProcessorEngine } from "../engines/stream-processor/index.ts";
import type { Camera } from "../schemas/camera.ts";
import { count, environment } from "./_runtime.ts";

/** The sessions' table, with the system's clock and random numbers. */
export const sessionTable = (): SessionTable => ({
  ...sessionsTable(environment("SESSIONS_TABLE")),
  now: systemClock.now,
  random: systemRandom,
});

/** The sessions' table and the queue of wake-ups. */
export const sessionRecords = (): SessionRecords => ({
  ...sessionTable(),
  wake: wakeQueue(environment("WAKE_QUEUE_URL")).wake,
});

/** The engines, as they run the sessions of a camera. Starts that they throttle or refuse are counted. */
export function countedEngines() {
  const processors = counted(streamProcessorEngine());
  const parts = {
    now: systemClock.now,
    randomId,
    sessions: frameSessionsTable(environment("FRAME_SESSIONS_TABLE")),
    ...sessionQueue(environment("SAMPLE_QUEUE_URL")),
  };
  const faceParts = {
    now: systemClock.now,
    randomId,
    sessions: faceSessionsTable(environment("FACE_SESSIONS_TABLE")),
    ...sessionQueue(environment("FACE_CHECK_QUEUE_URL")),
    ...faceProcessors(),
  };
  /** @param camera as the caller has read it; undefined if it is no longer registered */
  return (camera: Camera | undefined) => {
    const cameraOf = async (processorName: string) =>
      camera?.processorName === processorName ? camera : undefined;
    return {
      "stream-processor": processors,
      frames: counted(framesEngine({ ...parts, cameraOf })),
      "face-search": counted(faceSearchEngine({ ...faceParts, cameraOf })),
    };
  };
}

function counted(engine: Engine): Engine {
  return {
    ...engine,
    start: async (request) => {
      const result = await engine.start(request);
      if (result.kind === "throttled") count({ StartsThrottled: 1 });
      if (result.kind === "refused") count({ StartsRefused: 1 });
      return result;
    },
  };
}
