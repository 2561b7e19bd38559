import type { Overview } from "../schemas/console/overview.ts";
import { isSynthetic } from "./chains.ts";
import type { ConsoleCloud } from "./cloud.ts";
import type { Handlers } from "./handlers.ts";
import type { HourName } from "./lake/reader.ts";

/** The latest hours of the lake whose cameras and labels are offered. */
const LATEST_HOURS = 24;
/** More would not be chosen from a list. */
const MAX_NAMES = 1000;

export const overviewHandlers = (cloud: ConsoleCloud): Pick<Handlers, "overview"> => ({
  overview: () => overview(cloud),
});

async function overview(cloud: ConsoleCloud): Promise<Overview> {
  const { stack, region, isLocal, clock, cameras, lake } = cloud;
  const [registered, persons, isLakeEmpty, latest] = await Promise.all([
    cameras.list(),
    cloud.persons(),
    lake.isEmpty(),
    latestNames(cloud),
  ]);
  const ids = new Set(registered.map(({ cameraId }) => cameraId));
  const all = [...new Set([...ids, ...latest.cameraIds])].toSorted();
  return {
    stack,
    region,
    cloud: isLocal ? "local" : "aws",
    cameras: all.slice(0, MAX_NAMES).map((cameraId) => ({
      cameraId,
      isRegistered: ids.has(cameraId),
      isSynthetic: isSynthetic(cameraId),
    })),
    labels: [...latest.labels].toSorted().slice(0, MAX_NAMES),
    persons: persons.enrolled.slice(0, MAX_NAMES),
    isLakeEmpty,
    isSyntheticOnly: latest.cameraIds.size > 0 && [...latest.cameraIds].every(isSynthetic),
    nowMs: clock.now(),
  };
}

/** The cameras and labels of the latest hours that have rows. */
async function latestNames({ lake }: ConsoleCloud): Promise<{ cameraIds: Set<string>; labels: Set<string> }> {
  const hours: HourName[] = [];
  for await (const day of lake.hoursBack()) {
    hours.push(...day.slice(0, LATEST_HOURS - hours.length));
    if (hours.length >= LATEST_HOURS) break;
  }
  const facts = await lake.factsOf(hours);
  const rows = facts.flatMap(({ detections, sessions }) => [...detections, ...sessions]);
  return {
    cameraIds: new Set(rows.map(({ cameraId }) => cameraId)),
    labels: new Set(facts.flatMap(({ detections }) => detections.map(({ label }) => label))),
  };
}
