import { intersect, subtract, totalMs, union, LONGEST_PAUSE_MS } from "../../core/sessions/intervals.ts";
import type { FaceSession } from "../../schemas/face-session.ts";
import type { ReceivedFragment } from "../../schemas/fragment.ts";
import type { FrameSampling } from "../../schemas/notification.ts";
import type { Interval } from "../../schemas/session.ts";
import { derivedId } from "../derived-id.ts";

/** The analysed video of a session, and the rest of it with the reason. */
type Analysed = Pick<FrameSampling, "analysed" | "gaps">;

/**
 * The video that a processor analysed: of the fragments that arrived while it ran, what had arrived when it was stopped.
 * Which frames of them Rekognition reads, it does not say. A fragment that had begun to arrive before the processor ran does
 * not count, which is the lesser claim.
 */
export function analysedOf(session: FaceSession, fragments: readonly ReceivedFragment[]): Analysed {
  const { videoStartMs, runningSinceMs = Infinity, stoppedAtMs = 0 } = session;
  const read = fragments
    .filter(({ serverMs }) => serverMs >= runningSinceMs && serverMs < stoppedAtMs)
    .map(({ startMs, serverMs, durationMs }): Interval => ({
      fromMs: startMs,
      untilMs: startMs + Math.min(durationMs, stoppedAtMs - serverMs),
    }));
  const analysed = intersect(union(read, LONGEST_PAUSE_MS), [{ fromMs: videoStartMs, untilMs: Infinity }]);
  const [first, last] = [analysed[0], analysed.at(-1)];
  if (!first || !last) return { analysed, gaps: [] };
  const gaps = subtract([{ fromMs: videoStartMs, untilMs: last.untilMs }], analysed).map(
    (gap): Analysed["gaps"][number] => ({
      ...gap,
      reason: gap.untilMs <= first.fromMs ? "not-live" : "no-video",
    }),
  );
  return { analysed, gaps };
}

/**
 * The completion notification of a session, in the JSON of a label processor's (see `schemas/notification.ts`). Its id
 * derives from the session, so that an end that is published twice has the same id.
 */
export const processingComplete = (session: FaceSession, streamArn: string, analysed: Analysed) => ({
  inputInformation: {
    kinesisVideo: { streamArn, processedVideoDurationMillis: totalMs(analysed.analysed) },
  },
  eventNamespace: { type: "STREAM_PROCESSING_COMPLETE" },
  streamProcessingResults: { message: "Stream processing completed." },
  eventId: derivedId(session.sessionId, "complete", ""),
  tags: session.tags,
  sessionId: session.sessionId,
  engine: "face-search" as const,
  startStreamProcessorRequest: {
    name: session.processorName,
    startSelector: { kvsStreamStartSelector: { producerTimestamp: session.videoStartMs } },
    stopSelector: { maxDurationInSeconds: session.maxDurationSeconds },
  },
  frameSampling: analysed,
});
