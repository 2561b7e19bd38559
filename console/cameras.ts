import { forEachConcurrently } from "../base/concurrency.ts";
import { MINUTE_MS } from "../base/durations.ts";
import { isNamed } from "../base/errors.ts";
import { dayOf, isArmed, scheduleOf } from "../core/sessions/schedule.ts";
import { Fleet } from "../operator/fleet.ts";
import type { Camera } from "../schemas/camera.ts";
import type { CameraView, SettingsBody } from "../schemas/console/cameras.ts";
import type { Session } from "../schemas/session.ts";
import type { ConsoleCloud } from "./cloud.ts";
import type { Handlers } from "./handlers.ts";
import type { HourName } from "./lake/reader.ts";
import { pictureUrl } from "./pictures.ts";
import { ConsoleProblem } from "./problem.ts";

const READS_AT_ONCE = 16;
/** The latest hours with rows in which a camera's latest frame is searched. */
const FRAME_HOURS = 48;

type Frames = ReadonlyMap<string, NonNullable<CameraView["latestFrame"]>>;

export const cameraHandlers = (
  cloud: ConsoleCloud,
): Pick<Handlers, "listCameras" | "getCamera" | "armCamera" | "disarmCamera" | "changeSettings"> => ({
  async listCameras() {
    const [cameras, frames] = await Promise.all([cloud.cameras.list(), latestFrames(cloud)]);
    const sessions = new Map<string, Session | undefined>();
    await forEachConcurrently(cameras, { limit: READS_AT_ONCE }, async ({ cameraId }) => {
      sessions.set(cameraId, await cloud.sessions.find(cameraId));
    });
    const nowMs = cloud.clock.now();
    return { cameras: cameras.map((one) => cameraView(one, sessions.get(one.cameraId), frames, nowMs)) };
  },
  getCamera: ({ parameters }) => viewOf(parameters.cameraId, cloud),
  armCamera: ({ parameters }) => arm(parameters.cameraId, true, cloud),
  disarmCamera: ({ parameters }) => arm(parameters.cameraId, false, cloud),
  changeSettings: ({ parameters, body }) => changeSettings(parameters.cameraId, body, cloud),
});

/** @throws ConsoleProblem when no camera of that id is registered */
export async function registered(cameraId: string, { cameras, stack }: ConsoleCloud): Promise<Camera> {
  const camera = await cameras.find(cameraId, true);
  if (!camera)
    throw new ConsoleProblem(
      404,
      `no camera ${cameraId} is registered in stack ${stack}`,
      "npx doorstep camera list shows those that are, camera add registers one",
    );
  return camera;
}

async function viewOf(cameraId: string, cloud: ConsoleCloud): Promise<CameraView> {
  const camera = await registered(cameraId, cloud);
  const [session, frames] = await Promise.all([cloud.sessions.find(cameraId), latestFrames(cloud)]);
  return cameraView(camera, session, frames, cloud.clock.now());
}

/** As `doorstep camera arm` and `camera disarm`. */
async function arm(cameraId: string, armed: boolean, cloud: ConsoleCloud): Promise<CameraView> {
  const before = await registered(cameraId, cloud);
  if (before.armed !== armed)
    await changed(
      await cloud.cameras.change(before, { armed, armedSinceMs: armed ? cloud.clock.now() : undefined }),
      cameraId,
    );
  return await viewOf(cameraId, cloud);
}

/** As `doorstep camera update`: regions are the processor's too, which may not change while a session runs on it. */
async function changeSettings(
  cameraId: string,
  { schedule, timeZone, regions }: SettingsBody,
  cloud: ConsoleCloud,
): Promise<CameraView> {
  const before = await registered(cameraId, cloud);
  const changes: Partial<Camera> = {
    ...(schedule !== undefined && { schedule: schedule ?? undefined }),
    ...(timeZone !== undefined && { timeZone }),
    ...(regions !== undefined && { regionsOfInterest: regions }),
  };
  if (regions === undefined) await changed(await cloud.cameras.change(before, changes), cameraId);
  else
    try {
      const fleet = await Fleet.open(cloud.stack, cloud.config, cloud.clock);
      await fleet.update(before, changes);
    } catch (error) {
      if (isNamed(error, "ProcessorBusyError"))
        throw new ConsoleProblem(409, error.message, "try again when the session has ended");
      throw error;
    }
  return await viewOf(cameraId, cloud);
}

async function changed(isChanged: boolean, cameraId: string): Promise<void> {
  if (!isChanged)
    throw new ConsoleProblem(
      409,
      `${cameraId} was removed or its key was rotated meanwhile`,
      "read the camera again and repeat the change",
    );
}

function cameraView(camera: Camera, session: Session | undefined, frames: Frames, nowMs: number): CameraView {
  const { cameraId, engine, labels, streamName, motionFormat, maxDurationSeconds, faces, tags, armed } =
    camera;
  const { schedule, timeZone, regionsOfInterest, dailyBudgetMinutes } = camera;
  const { state = "idle", failure, blocked, budget } = session ?? {};
  const day = dayOf(nowMs, timeZone);
  const latestFrame = frames.get(cameraId);
  return {
    cameraId,
    engine,
    labels,
    streamName,
    motionFormat,
    maxDurationSeconds,
    faces,
    tags,
    armed,
    isArmedNow: isArmed(scheduleOf(camera), nowMs, timeZone),
    ...(schedule && { schedule }),
    timeZone,
    regions: regionsOfInterest,
    state,
    ...(failure !== undefined && { failure }),
    ...(blocked && { blocked }),
    budget: {
      day,
      usedMinutes: budget?.day === day ? budget.usedMs / MINUTE_MS : 0,
      ...(dailyBudgetMinutes !== undefined && { limitMinutes: dailyBudgetMinutes }),
    },
    ...(latestFrame && { latestFrame }),
  };
}

/** Each camera's latest frame in the latest hours with rows. */
async function latestFrames({ lake, outputs }: ConsoleCloud): Promise<Frames> {
  const hours: HourName[] = [];
  for await (const day of lake.hoursBack()) {
    hours.push(...day.slice(0, FRAME_HOURS - hours.length));
    if (hours.length >= FRAME_HOURS) break;
  }
  const frames = new Map<string, NonNullable<CameraView["latestFrame"]>>();
  for (const { detections } of await lake.factsOf(hours))
    for (const { cameraId, detectedAtMs, frameUri } of detections) {
      if (detectedAtMs <= (frames.get(cameraId)?.atMs ?? 0)) continue;
      const url = pictureUrl(frameUri, outputs.EvidenceBucketName);
      if (url !== undefined) frames.set(cameraId, { url, atMs: detectedAtMs });
    }
  return frames;
}
