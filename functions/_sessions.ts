import { systemRandom } from "../base/random.ts";
import { systemClock } from "../base/clock.ts";
import { sessionsTable } from "../aws/sessions.ts";
import type { Table } from "../core/sessions/drive.ts";
import { environment } from "./_environment.ts";

const table = sessionsTable(environment("SESSIONS_TABLE"));

/** The sessions' table, with the machine's clock and chance. */
export const sessions: Table = {
  now: systemClock.now,
  random: systemRandom,
  find: (cameraId) => table.find(cameraId),
  put: (record) => table.put(record),
};
