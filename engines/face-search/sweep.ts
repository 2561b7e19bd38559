import { isStreamingClosed } from "../../schemas/regions.ts";
import { isDead } from "./times.ts";
import { isRunning, type CheckParts, type FoundProcessor } from "./parts.ts";

/** Documented (Rekognition quotas): one StopStreamProcessor a second in the account. */
const STOP_INTERVAL_MS = 1100;

/** What the sweep uses. */
export interface SweepParts extends Pick<CheckParts, "now" | "stopProcessor"> {
  readonly sessions: Pick<CheckParts["sessions"], "find">;
  /** The names of the stack's processors, of label detection too. */
  processorNames(): Promise<readonly string[]>;
  findProcessor(
    processorName: string,
  ): Promise<(FoundProcessor & { readonly isFaceSearch: boolean }) | undefined>;
  sleep(ms: number): Promise<void>;
}

/**
 * Stops every FaceSearch processor of the stack that runs without a session: one that was started by hand, or whose session
 * lost its checks. Each is billed for as long as it runs.
 * @returns the names of those that were stopped
 * @throws AggregateError of those that could not be stopped, once the others are
 */
export async function stopUnownedProcessors(parts: SweepParts): Promise<string[]> {
  const stopped: string[] = [];
  const failures: unknown[] = [];
  for (const name of await namesWhereOpen(parts))
    try {
      const found = await parts.findProcessor(name);
      if (!found?.isFaceSearch || !isRunning(found)) continue;
      const session = await parts.sessions.find(name);
      if (session?.state === "running" && !isDead(session, parts.now())) continue;
      if ((await parts.stopProcessor(name)) === "stopped") stopped.push(name);
      await parts.sleep(STOP_INTERVAL_MS);
    } catch (error) {
      failures.push(error);
    }
  if (failures.length > 0)
    throw new AggregateError(
      failures,
      `${failures.length} face-search processors could not be checked or stopped`,
    );
  return stopped;
}

/** None where streaming video is closed to the account. */
async function namesWhereOpen({ processorNames }: SweepParts): Promise<readonly string[]> {
  try {
    return await processorNames();
  } catch (error) {
    if (error instanceof Error && isStreamingClosed(error)) return [];
    throw error;
  }
}
