import { sessionsTable } from "../aws/sessions.ts";
import { environment } from "./_environment.ts";

/** The sessions' table, for functions that read it and wake nobody. */
export const sessions = sessionsTable(environment("SESSIONS_TABLE"));
