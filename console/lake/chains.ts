import type { EngineName } from "../../schemas/engine.ts";
import type { Severity } from "../../schemas/severity.ts";
import type { AlertFact, DetectionFact, FaceFact, HourFacts, SessionFact } from "./facts.ts";

/** A chain of sessions with what was detected in it. */
export interface ChainFacts {
  readonly cameraId: string;
  readonly engine: EngineName | undefined;
  /** Where its first session was to begin. */
  readonly startedAtMs: number;
  /** Where the ledger says that it began, if it does. */
  readonly ledgerStartedAtMs: number | undefined;
  readonly endedAtMs: number | undefined;
  readonly sessions: readonly SessionFact[];
  /** Ascending by time. */
  readonly detections: readonly DetectionFact[];
  readonly faces: readonly FaceFact[];
  readonly alert: { readonly alertId: string; readonly severity: Severity } | undefined;
}

/** How far a session may begin from where the one before ended, to continue its chain before the ledger has it. */
const SEAM_MS = 1000;

interface Building {
  readonly cameraId: string;
  readonly sessions: SessionFact[];
  readonly detections: DetectionFact[];
  readonly faces: FaceFact[];
  readonly alerts: AlertFact[];
  /** Of a chain without a session in the lake. */
  startedAtMs: number;
  ledgerStartedAtMs: number | undefined;
}

/**
 * The chains of some facts, in no order. A session belongs to the chain that the ledger says; before that, to the chain
 * which ended where it began, or to one of its own. What was detected belongs to its session's chain; a face without a
 * session, to the camera's chain at that time.
 */
export function chainsOf({ detections, sessions, faces, alerts }: HourFacts): ChainFacts[] {
  const byLedger = new Map<string, Building>();
  const bySession = new Map<string, Building>();
  const all: Building[] = [];
  const begin = (cameraId: string, startedAtMs: number, ledgerStartedAtMs?: number): Building => {
    const chain: Building = {
      cameraId,
      sessions: [],
      detections: [],
      faces: [],
      alerts: [],
      startedAtMs,
      ledgerStartedAtMs,
    };
    all.push(chain);
    return chain;
  };
  const add = (chain: Building, session: SessionFact): void => {
    chain.sessions.push(session);
    chain.startedAtMs = Math.min(chain.startedAtMs, session.startedAtMs);
    if (session.sessionId !== undefined) bySession.set(session.sessionId, chain);
  };
  const ends = new Map<string, { readonly atMs: number; readonly chain: Building }[]>();
  const noteEnd = (chain: Building, { cameraId, endedAtMs }: SessionFact): void => {
    if (endedAtMs === undefined) return;
    const known = ends.get(cameraId);
    if (known) known.push({ atMs: endedAtMs, chain });
    else ends.set(cameraId, [{ atMs: endedAtMs, chain }]);
  };
  const continued = (cameraId: string, startedAtMs: number): Building | undefined =>
    ends.get(cameraId)?.find(({ atMs }) => Math.abs(atMs - startedAtMs) <= SEAM_MS)?.chain;

  for (const session of sessions) {
    const { cameraId, chainStartedAtMs } = session;
    if (chainStartedAtMs === undefined) continue;
    const key = `${chainStartedAtMs} ${cameraId}`;
    const chain = byLedger.get(key) ?? begin(cameraId, session.startedAtMs, chainStartedAtMs);
    byLedger.set(key, chain);
    add(chain, session);
    noteEnd(chain, session);
  }
  const unledgered = sessions.filter(({ chainStartedAtMs }) => chainStartedAtMs === undefined);
  for (const session of unledgered.toSorted((a, b) => a.startedAtMs - b.startedAtMs)) {
    const { cameraId, startedAtMs } = session;
    const chain = continued(cameraId, startedAtMs) ?? begin(cameraId, startedAtMs);
    add(chain, session);
    noteEnd(chain, session);
  }
  for (const detection of detections.toSorted((a, b) => a.detectedAtMs - b.detectedAtMs)) {
    const { cameraId, sessionId, sessionStartedAtMs, detectedAtMs } = detection;
    const startedAtMs = sessionStartedAtMs ?? detectedAtMs;
    const chain =
      bySession.get(sessionId) ?? continued(cameraId, startedAtMs) ?? begin(cameraId, startedAtMs);
    bySession.set(sessionId, chain);
    chain.detections.push(detection);
  }
  for (const alert of alerts) bySession.get(alert.sessionId)?.alerts.push(alert);
  if (faces.length > 0) placeFaces(faces, all, bySession);
  return all.map(chainFacts);
}

function placeFaces(
  faces: readonly FaceFact[],
  all: readonly Building[],
  bySession: ReadonlyMap<string, Building>,
): void {
  const ofCamera = Map.groupBy(all, ({ cameraId }) => cameraId);
  for (const face of faces) {
    const known = face.sessionId === undefined ? undefined : bySession.get(face.sessionId);
    const chain =
      known ??
      ofCamera.get(face.cameraId)?.find((one) => {
        const endedAtMs = endOf(one) ?? one.startedAtMs;
        return one.startedAtMs <= face.seenAtMs && face.seenAtMs <= endedAtMs;
      });
    chain?.faces.push(face);
  }
}

/** Where the latest session's video ends; a chain of detections alone ends with the last one. */
function endOf({ sessions, detections }: Building): number | undefined {
  if (sessions.length === 0) return detections.at(-1)?.detectedAtMs;
  return Math.max(...sessions.map(({ endedAtMs, startedAtMs }) => endedAtMs ?? startedAtMs));
}

function chainFacts(chain: Building): ChainFacts {
  const { cameraId, startedAtMs, ledgerStartedAtMs, sessions, detections, faces, alerts } = chain;
  const [last] = alerts.toSorted((a, b) => b.revision - a.revision || b.detectedAtMs - a.detectedAtMs);
  return {
    cameraId,
    engine: sessions[0]?.engine ?? detections[0]?.engine,
    startedAtMs,
    ledgerStartedAtMs,
    endedAtMs: sessions.length === 0 ? undefined : endOf(chain),
    sessions: sessions.toSorted((a, b) => a.startedAtMs - b.startedAtMs),
    detections,
    faces: faces.toSorted((a, b) => a.seenAtMs - b.seenAtMs),
    alert: last && { alertId: last.alertId, severity: last.severity },
  };
}

/** A place in the order of chains: the latest first, then by camera, backwards. */
export interface ChainPlace {
  readonly startedAtMs: number;
  readonly cameraId: string;
}

export function compareChains(a: ChainPlace, b: ChainPlace): number {
  if (a.startedAtMs !== b.startedAtMs) return b.startedAtMs - a.startedAtMs;
  if (a.cameraId === b.cameraId) return 0;
  return a.cameraId > b.cameraId ? -1 : 1;
}

export const chainIdOf = ({ cameraId, startedAtMs }: ChainPlace): string => `${cameraId}.${startedAtMs}`;

/** @param chainId as the schema `chainId` accepts it */
export function placeOf(chainId: string): ChainPlace {
  const dot = chainId.lastIndexOf(".");
  return { cameraId: chainId.slice(0, dot), startedAtMs: Number(chainId.slice(dot + 1)) };
}

/** The persons whose faces were recognised, each once, and the most unknown faces in one image. */
export function facesIn(
  { faces }: Pick<ChainFacts, "faces">,
  ownerOf: (personId: string) => string | undefined,
): { readonly personIds: readonly string[]; readonly unknownFaces: number } {
  const personIds = new Set<string>();
  const unknown = new Map<number, number>();
  for (const { personId, seenAtMs } of faces) {
    if (personId === undefined) unknown.set(seenAtMs, (unknown.get(seenAtMs) ?? 0) + 1);
    else {
      const owner = ownerOf(personId);
      if (owner !== undefined) personIds.add(owner);
    }
  }
  return { personIds: [...personIds], unknownFaces: Math.max(0, ...unknown.values()) };
}
