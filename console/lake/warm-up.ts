import { nextTurn } from "../../base/clock.ts";
import type { ConsoleCloud } from "../cloud.ts";

/** Hours that are read ahead: locally about a month, on AWS, where S3 bills each request, the latest day. */
const LOCAL_HOURS = 24 * 31;
const AWS_HOURS = 24;
/** No more facts than this are read ahead; busy fleets have them in fewer hours. */
const MAX_FACTS = 150_000;

/** Reads the lake's latest hours, so that the first searches find them in memory. Errors are left to the requests. */
export async function warmUp({ lake, isLocal }: ConsoleCloud, signal: AbortSignal): Promise<void> {
  let hours = isLocal ? LOCAL_HOURS : AWS_HOURS;
  let facts = 0;
  try {
    for await (const day of lake.hoursBack())
      for (const hour of day) {
        if (signal.aborted || hours-- <= 0 || facts > MAX_FACTS) return;
        const [read] = await lake.factsOf([hour]);
        facts += read!.detections.length + read!.sessions.length;
        await nextTurn();
      }
  } catch {
    return;
  }
}
