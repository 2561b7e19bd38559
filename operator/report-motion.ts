import { pollUntil } from "../base/poll.ts";
import { MINUTE_MS, SECOND_MS } from "../base/durations.ts";
import type { Clock } from "../base/clock.ts";
import type { Fleet } from "./fleet.ts";
import type { MotionResponse } from "./motion-api.ts";
import type { Camera } from "../schemas/camera.ts";
import type { Interval } from "../uploader/upload/fragment-log.ts";

/** How long a request is repeated that is refused for a while: the camera's rate, or Rekognition's. */
const ACCEPTED_WITHIN_MS = 5 * MINUTE_MS;

interface MotionRequest {
  readonly verb: "start" | "stop";
  readonly atMs: number;
}

/**
 * The motion requests that cover exactly these intervals. One start covers at most the camera's motion timeout, so a
 * longer interval gets several; its stop ends the last one.
 */
export function motionRequests(intervals: readonly Interval[], timeoutSeconds: number): MotionRequest[] {
  return intervals.flatMap(({ fromMs, toMs }) => {
    const requests: MotionRequest[] = [];
    for (let atMs = fromMs; atMs < toMs; atMs += timeoutSeconds * SECOND_MS)
      requests.push({ verb: "start", atMs });
    return [...requests, { verb: "stop", atMs: toMs }];
  });
}

/**
 * Reports motion for exactly the video that is safe, with the camera's own credential.
 * @returns how many requests were sent
 * @throws Error for a request that is refused for good
 */
export async function reportMotion(
  { camera, safe }: { camera: Camera; safe: readonly Interval[] },
  { fleet, signal, clock }: { fleet: Fleet; signal: AbortSignal; clock: Clock },
): Promise<number> {
  const whole = safe.map(({ fromMs, toMs }) => ({ fromMs: Math.round(fromMs), toMs: Math.round(toMs) }));
  const requests = motionRequests(whole, camera.motionTimeoutSeconds);
  for (const { verb, atMs } of requests) {
    let last: MotionResponse | undefined;
    const isAccepted = await pollUntil(
      async () => {
        last = await fleet.sendMotion(camera, verb, { at: atMs }, signal);
        const isForGood = last.status >= 400 && last.status !== 429 && last.retryAfterMs === undefined;
        if (isForGood) throw refusal(camera, verb, atMs, last);
        return last.status < 400 || undefined;
      },
      { clock, signal, everyMs: SECOND_MS, withinMs: ACCEPTED_WITHIN_MS },
    );
    if (!isAccepted) throw refusal(camera, verb, atMs, last!);
  }
  return requests.length;
}

function refusal({ cameraId }: Camera, verb: string, atMs: number, { status, body }: MotionResponse): Error {
  const { detail } = body;
  const reason = typeof detail === "string" ? detail : JSON.stringify(body);
  return new Error(
    `the video was sent, but the motion ${verb} of ${cameraId} at ${new Date(atMs).toISOString()} got status ${status}: ${reason}`,
  );
}
