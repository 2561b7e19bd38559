/** What the functions have in common that continue the sessions of an engine. */
import type { SessionRecords } from "../engines/recorded-engine.ts";
import type { EngineSession } from "../schemas/engine-session.ts";
import { log } from "./_runtime.ts";

/** The records of an engine's sessions; how each session ends is logged. */
export const loggedSessions = <S extends EngineSession>({
  find,
  put,
}: SessionRecords<S>): SessionRecords<S> => ({
  find,
  put: async (session) => {
    const isPut = await put(session);
    const { state, processorName, sessionId, failure } = session;
    if (isPut && state !== "running")
      log.info(`session ${state}`, { processorName, sessionId, reason: failure });
    return isPut;
  },
});
