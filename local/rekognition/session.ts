import type { StartSelector } from "@aws-sdk/client-kinesis-video-media";
import { errorMessage } from "../../base/errors.ts";
import type { Cloud } from "../cloud.ts";
import { MatroskaError } from "../matroska/index.ts";
import type { Detector, Frame } from "./detector.ts";
import { readFragments, type Fragment } from "./fragments.ts";
import { sampleFrames } from "./frames.ts";
import { findGroundTruth } from "./ground-truth.ts";
import { chunksWhileMediaComes, silenceLimitMs, type MediaEnd } from "./media-wait.ts";
import { movingRegions } from "./moving-regions.ts";
import type { Session, StreamProcessor } from "./processors.ts";
import { report } from "./report.ts";
import type { RoleAccess } from "./role-access.ts";
import { SessionFailure } from "./session-failure.ts";
import { firstSightings, watchOf, type Watch } from "./sightings.ts";

/** Why a run ended; `aborted` when it was stopped or the local cloud was. */
export type SessionEnd = "max-duration" | MediaEnd;

/** One run of a stream processor over its video. */
export interface SessionRun {
  readonly cloud: Cloud;
  readonly processor: StreamProcessor;
  readonly session: Session;
  readonly role: RoleAccess;
  /** Ends the run after the fragment in hand. */
  readonly signal: AbortSignal;
  /** Called with how far the run has come, after each notification and each fragment. */
  readonly keep: (session: Session) => void;
}

/**
 * Analyses fragments until the first boundary at or after MaxDurationInSeconds of video (documented), until no more
 * media comes, or until aborted, and notifies at the first sight of each class. Publishes no end of session.
 * @throws SessionFailure whose message becomes the StatusMessage
 */
export async function analyse(run: SessionRun): Promise<{ session: Session; end: SessionEnd }> {
  const { cloud, processor, role, signal, keep } = run;
  const { Settings, RegionsOfInterest } = processor.definition;
  const { Labels, MinConfidence } = Settings.ConnectedHome;
  const watch = watchOf(Labels, MinConfidence, RegionsOfInterest);
  const detectorOf = chooseDetector(cloud.clipFolders);
  const maxDurationMs = run.session.request.StopSelector.MaxDurationInSeconds * 1000;
  const connection = new AbortController();
  let session = run.session;
  let lastFragmentMs: number | undefined;
  let end: SessionEnd = "stream-ended";

  const chunks = chunksWhileMediaComes(
    role.media(selectorOf(session), connection.signal),
    cloud.clock,
    () => silenceLimitMs(lastFragmentMs),
    signal,
    (why) => (end = why),
  );
  try {
    for await (const fragment of readFragments(chunks)) {
      const analysed = await analyseFragment(run, session, fragment, watch, await detectorOf(fragment));
      lastFragmentMs = fragment.durationMs;
      session = {
        ...analysed.session,
        passedMs: session.passedMs + fragment.durationMs,
        processedMs: session.processedMs + (analysed.decoded ? fragment.durationMs : 0),
        lastFragmentNumber: fragment.number,
      };
      keep(session);
      const { passedMs, processedMs } = session;
      cloud.events.emit("rekognition", "fragment-analysed", {
        processor: processor.definition.Name,
        sessionId: session.id,
        fragmentNumber: fragment.number,
        passedMs,
        processedMs,
      });
      if (passedMs >= maxDurationMs) return { session, end: "max-duration" };
      if (signal.aborted) return { session, end: "aborted" };
    }
  } catch (error) {
    // Media that ceased inside a fragment leaves a part that can never be analysed.
    const ceased = error instanceof MatroskaError && error.reason === "truncated";
    if (!ceased)
      throw error instanceof SessionFailure
        ? error
        : new SessionFailure(errorMessage(error), { cause: error });
  } finally {
    connection.abort();
  }
  return { session, end };
}

/**
 * GetMedia gives the fragment that holds a producer time, or the one after a fragment number (documented: GetMedia);
 * that Rekognition hands its FragmentNumber on as it is, and so begins after it, is unconfirmed.
 * A run that was interrupted goes on after the last fragment it finished.
 */
function selectorOf({ request, lastFragmentNumber }: Session): StartSelector {
  const { ProducerTimestamp, FragmentNumber } = request.StartSelector.KVSStreamStartSelector;
  const after = lastFragmentNumber ?? FragmentNumber;
  return after !== undefined
    ? { StartSelectorType: "FRAGMENT_NUMBER", AfterFragmentNumber: after }
    : { StartSelectorType: "PRODUCER_TIMESTAMP", StartTimestamp: new Date(ProducerTimestamp!) };
}

/** The ground truth of the fragment's clip where there is one, else the session's one moving-region detector. */
function chooseDetector(clipFolders: readonly string[]): (fragment: Fragment) => Promise<Detector> {
  const moving = movingRegions();
  return async ({ metadata }) => (await findGroundTruth(metadata, clipFolders)) ?? moving;
}

/** A fragment that cannot be decoded is told and passed over: those around it are as good as before. */
async function analyseFragment(
  run: SessionRun,
  before: Session,
  fragment: Fragment,
  watch: Watch,
  detector: Detector,
): Promise<{ session: Session; decoded: boolean }> {
  let session = before;
  const frames = sampleFrames(fragment);
  try {
    for (;;) {
      const { value: frame, done } = await nextFrame(frames);
      if (done) return { session, decoded: true };
      const sighted = firstSightings(detector.detect(frame), watch, session.reported);
      if (sighted.length === 0) continue;
      await report(run, session, fragment, frame, sighted);
      session = { ...session, reported: [...session.reported, ...sighted.map(({ label }) => label)] };
      run.keep(session);
    }
  } catch (error) {
    if (!(error instanceof UndecodableError)) throw error;
    run.cloud.events.emit("rekognition", "fragment-undecodable", {
      processor: run.processor.definition.Name,
      sessionId: session.id,
      fragmentNumber: fragment.number,
      error: error.message,
    });
    return { session, decoded: false };
  } finally {
    await frames.return(undefined);
  }
}

class UndecodableError extends Error {}

async function nextFrame(frames: AsyncGenerator<Frame, void>): Promise<IteratorResult<Frame, void>> {
  try {
    return await frames.next();
  } catch (error) {
    throw new UndecodableError(errorMessage(error), { cause: error });
  }
}
