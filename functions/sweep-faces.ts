import type { Context } from "aws-lambda";
import { enrolledFaces } from "../aws/enrolled-faces.ts";
import { objectVersions } from "../aws/object-versions.ts";
import { faceSessionsTable } from "../aws/face-sessions.ts";
import { personsTable } from "../aws/persons.ts";
import { faceProcessors } from "../aws/rekognition.ts";
import { sleep, systemClock } from "../base/clock.ts";
import { SECOND_MS } from "../base/durations.ts";
import { settleMs, type ForgetParts } from "../core/faces/forget.ts";
import { sweepFaces } from "../core/faces/sweep.ts";
import { stopUnownedProcessors, type SweepParts } from "../engines/face-search/sweep.ts";
import { count, environment, log } from "./_runtime.ts";

/** Time to write down how far a run got. */
const END_MS = 30 * SECOND_MS;

const parts: Omit<ForgetParts, "signal"> = {
  now: systemClock.now,
  sleep: (ms) => sleep(systemClock, ms),
  persons: personsTable(environment("PERSONS_TABLE")),
  collection: enrolledFaces(environment("FACES_COLLECTION_ID")),
  files: objectVersions(environment("LAKE_BUCKET")),
  settleMs: settleMs(Number(environment("LAKE_BUFFER_SECONDS"))),
};

const { processorNames, ...processors } = faceProcessors();
const sweepParts: SweepParts = {
  now: systemClock.now,
  sleep: (ms) => sleep(systemClock, ms),
  sessions: faceSessionsTable(environment("FACE_SESSIONS_TABLE")),
  ...processors,
  processorNames: () => processorNames(environment("CAMERA_STREAM_PREFIX")),
};

const retention = {
  unknownFaceDays: Number(environment("UNKNOWN_FACE_DAYS")),
  knownFaceDays: Number(environment("KNOWN_FACE_DAYS")),
};

/**
 * Each day, applies the retention of faces (`core/faces/sweep.ts`). A run that does not get to the end fails, and Lambda
 * starts another, which goes on where it ended.
 */
export const handler = async (
  _event: unknown,
  context: Pick<Context, "getRemainingTimeInMillis">,
): Promise<void> => {
  const time = new AbortController();
  const timer = systemClock.after(Math.max(0, context.getRemainingTimeInMillis() - END_MS), () =>
    time.abort(new Error("the time is up; the next run goes on from here")),
  );
  try {
    await stopProcessors();
    const { begun, done, unknownRemoved, lateRows, errors } = await sweepFaces(
      { ...parts, signal: time.signal },
      retention,
    );
    for (const { personId, reason } of begun) log.info("person to be forgotten", { personId, reason });
    for (const { personId } of done) log.info("person forgotten", { personId });
    count({
      PersonsForgotten: done.length || undefined,
      UnknownFacesRemoved: unknownRemoved || undefined,
      LateFacesRemoved: lateRows || undefined,
    });
    for (const error of errors) log.error("faces not swept", error);
    if (errors[0]) throw errors[0];
  } finally {
    timer.cancel();
  }
};

/** Stops processors that run without a session, and are billed. What cannot be stopped does not keep faces. */
async function stopProcessors(): Promise<void> {
  try {
    for (const processorName of await stopUnownedProcessors(sweepParts))
      log.info("face search without a session stopped", { processorName });
  } catch (error) {
    log.error("face searches without a session not stopped", error);
  }
}
