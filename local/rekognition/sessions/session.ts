import type { StartSelector } from "@aws-sdk/client-kinesis-video-media";
import { SECOND_MS } from "../../../base/durations.ts";
import { errorMessage } from "../../../base/errors.ts";
import { MatroskaError } from "../../matroska/index.ts";
import type { Detector, Frame } from "../detection/detector.ts";
import { firstDetections, targetOf, type Target } from "../detection/first-detections.ts";
import { findGroundTruth } from "../detection/ground-truth.ts";
import { storedLabels } from "../detection/stored-files.ts";
import { pixels } from "../detection/pixels.ts";
import type { Session } from "../processors.ts";
import { readFragments, type Fragment } from "./fragments.ts";
import { sampleFrames } from "./frames.ts";
import { chunksWhileMediaComes, silenceLimitMs, type MediaEnd } from "./media-wait.ts";
import { publishDetections } from "./publish.ts";
import { SessionFailure } from "./session-failure.ts";
import type { SessionRun } from "./session-run.ts";

/** Why a session ended; `aborted` when it was stopped or the local cloud was. */
export type SessionEnd = "max-duration" | MediaEnd;

/**
 * Analyses fragments until the first boundary at or after MaxDurationInSeconds of video (documented), until no more
 * media comes, or until aborted, and notifies at the first detection of each class. Publishes no completion
 * notification.
 * @throws SessionFailure whose message becomes the StatusMessage
 */
export async function analyse(run: SessionRun): Promise<{ session: Session; end: SessionEnd }> {
  const { cloud, processor, role, signal, saveProgress } = run;
  const { Settings, RegionsOfInterest } = processor.definition;
  const { Labels, MinConfidence } = Settings.ConnectedHome;
  const target = targetOf(Labels, MinConfidence, RegionsOfInterest);
  const detectorOf = chooseDetector(run);
  const maxDurationMs = run.session.request.StopSelector.MaxDurationInSeconds * SECOND_MS;
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
      const detector = await detectorOf(fragment);
      lastFragmentMs = fragment.durationMs;
      if (isBeforeInterruption(run.session, fragment)) {
        await replay(fragment, detector);
        if (signal.aborted) return { session, end: "aborted" };
        continue;
      }
      const analysed = await analyseFragment(run, session, fragment, target, detector);
      const receivedMs = session.receivedMs + fragment.durationMs;
      const processedMs = session.processedMs + (analysed.decoded ? fragment.durationMs : 0);
      session = {
        ...analysed.session,
        receivedMs,
        processedMs,
        firstFragmentNumber: session.firstFragmentNumber ?? fragment.number,
        lastFragmentNumber: fragment.number,
      };
      saveProgress(session);
      cloud.events.emit("rekognition", "fragment-analysed", {
        processor: processor.definition.Name,
        sessionId: session.id,
        fragmentNumber: fragment.number,
        receivedMs,
        processedMs,
      });
      if (receivedMs >= maxDurationMs) return { session, end: "max-duration" };
      if (signal.aborted) return { session, end: "aborted" };
    }
  } catch (error) {
    // Media that stops inside a fragment leaves a part that can never be analysed.
    const isCutOff = error instanceof MatroskaError && error.reason === "truncated";
    if (!isCutOff)
      throw error instanceof SessionFailure
        ? error
        : new SessionFailure(errorMessage(error), { cause: error });
  } finally {
    connection.abort();
  }
  return { session, end };
}

/**
 * GetMedia starts at the fragment that contains a producer timestamp, or after a fragment number (documented: GetMedia).
 * That Rekognition passes its FragmentNumber on unchanged, and so starts after it, is unconfirmed.
 * An interrupted session begins again with its first fragment, which the time may no longer select.
 */
function selectorOf({ request, firstFragmentNumber }: Session): StartSelector {
  const { ProducerTimestamp, FragmentNumber } = request.StartSelector.KVSStreamStartSelector;
  if (firstFragmentNumber !== undefined)
    return {
      StartSelectorType: "CONTINUATION_TOKEN",
      ContinuationToken: String(BigInt(firstFragmentNumber) - 1n),
    };
  return FragmentNumber !== undefined
    ? { StartSelectorType: "FRAGMENT_NUMBER", AfterFragmentNumber: FragmentNumber }
    : { StartSelectorType: "PRODUCER_TIMESTAMP", StartTimestamp: new Date(ProducerTimestamp!) };
}

/** Whether the session analysed the fragment before it was interrupted. */
const isBeforeInterruption = ({ lastFragmentNumber }: Session, { number }: Fragment): boolean =>
  lastFragmentNumber !== undefined && BigInt(number) <= BigInt(lastFragmentNumber);

/**
 * Shows a detector the frames of a fragment again: one that looks at pixels depends on the frames before. What it detects
 * was notified before the interruption.
 */
async function replay(fragment: Fragment, detector: Detector): Promise<void> {
  if (detector.name !== "object-model") return;
  const frames = sampleFrames(fragment);
  try {
    for (;;) {
      const { value: frame, done } = await nextFrame(frames);
      if (done) return;
      await detector.detect(frame);
    }
  } catch (error) {
    if (!(error instanceof UndecodableError)) throw error;
  } finally {
    await frames.return(undefined);
  }
}

/** The ground truth of the fragment's clip where there is one, else what the session sees in its pixels. */
function chooseDetector(run: SessionRun): (fragment: Fragment) => Promise<Detector> {
  let unlabelled: Detector | undefined;
  return async ({ metadata }) =>
    (await findGroundTruth(metadata, run.cloud.clipFolders, storedLabels(run.cloud))) ??
    (unlabelled ??= pixelsOf(run));
}

function pixelsOf({ cloud, model, processor, session }: SessionRun): Detector {
  const missing = model.missing();
  if (missing === undefined) return pixels((frame) => model.look(frame));
  cloud.events.emit("rekognition", "detector-missing", {
    processor: processor.definition.Name,
    sessionId: session.id,
    reason: missing,
  });
  return { name: "none", detect: () => Promise.resolve([]) };
}

/** Skips a fragment that cannot be decoded, with an event: its neighbours can still be analysed. */
async function analyseFragment(
  run: SessionRun,
  before: Session,
  fragment: Fragment,
  target: Target,
  detector: Detector,
): Promise<{ session: Session; decoded: boolean }> {
  let session = before;
  const frames = sampleFrames(fragment);
  try {
    for (;;) {
      const { value: frame, done } = await nextFrame(frames);
      if (done) return { session, decoded: true };
      const detected = firstDetections(await detector.detect(frame), target, session.notified);
      if (detected.length === 0) continue;
      await publishDetections(run, session, fragment, { frame, detected, detector: detector.name });
      session = { ...session, notified: [...session.notified, ...detected.map(({ label }) => label)] };
      run.saveProgress(session);
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
