/** Whose faces a camera's alerts know, and for how long. Pure. */
import * as v from "valibot";
import type { Alert, AlertRecord } from "../../schemas/alert-record.ts";
import { seenPerson, type SeenPerson } from "../../schemas/person.ts";
import { SAME_FACE_MS } from "../faces/seen.ts";
import { REMEMBERED_MS } from "./alerts.ts";

/** How many decided faces a record remembers. */
const MAX_SEEN = 500;

interface SeenFace {
  readonly person: SeenPerson;
  /** Producer time, epoch milliseconds. */
  readonly detectedAtMs: number;
}

/**
 * Whether a face says nothing more than one that was decided: another one of the same person in the chain, less than a minute
 * before or after it. So a face that repeats changes nothing, in whatever order faces arrive.
 */
export const isSeen = (
  { seen }: Pick<AlertRecord, "seen">,
  { person, detectedAtMs }: SeenFace,
  chainStartMs: number,
): boolean =>
  seen.some(
    (one) =>
      one.person === person &&
      Math.abs(one.seenAtMs - detectedAtMs) < SAME_FACE_MS &&
      one.seenAtMs >= Math.min(chainStartMs, detectedAtMs),
  );

export const withSeen = (
  record: AlertRecord,
  { person, detectedAtMs }: SeenFace,
  nowMs: number,
): AlertRecord => ({
  ...record,
  seen: [
    ...record.seen.filter(({ atMs }) => nowMs - atMs < REMEMBERED_MS),
    { person, seenAtMs: detectedAtMs, atMs: nowMs },
  ].slice(-MAX_SEEN),
});

/** The faces from a time on that were decided lately, the earliest first. */
export const seenSince = ({ seen }: Pick<AlertRecord, "seen">, fromMs: number, nowMs: number): SeenFace[] =>
  seen
    .filter(({ seenAtMs, atMs }) => seenAtMs >= fromMs && nowMs - atMs < REMEMBERED_MS)
    .map(({ person, seenAtMs }) => ({ person, detectedAtMs: seenAtMs }))
    .toSorted((a, b) => a.detectedAtMs - b.detectedAtMs);

/** An alert's persons with some more faces; undefined while there is none. */
export function withPersons(persons: Alert["persons"], faces: readonly SeenFace[]): Alert["persons"] {
  const latest = new Map(persons?.map(({ person, lastDetectedAtMs }) => [person, lastDetectedAtMs]));
  for (const { person, detectedAtMs } of faces)
    latest.set(person, Math.max(latest.get(person) ?? 0, detectedAtMs));
  return latest.size === 0
    ? undefined
    : [...latest].map(([person, lastDetectedAtMs]) => ({ person, lastDetectedAtMs }));
}

const isOver = ({ endedAtMs, publishedRevision, revision }: Alert, nowMs: number): boolean =>
  endedAtMs !== undefined && nowMs >= endedAtMs + REMEMBERED_MS && publishedRevision === revision;

/** The record without the ids of persons that no decision needs any more: it is no list of who was there. */
export function withoutOldPersons(record: AlertRecord, nowMs: number): AlertRecord {
  const hasOld =
    record.seen.some(({ atMs }) => nowMs >= atMs + REMEMBERED_MS) ||
    record.alerts.some((alert) => alert.persons && isOver(alert, nowMs)) ||
    record.cooldowns.some(({ label, untilMs }) => v.is(seenPerson, label) && nowMs >= untilMs);
  if (!hasOld) return record;
  return {
    ...record,
    seen: record.seen.filter(({ atMs }) => nowMs < atMs + REMEMBERED_MS),
    alerts: record.alerts.map((alert) => {
      const { persons: _, ...rest } = alert;
      return isOver(alert, nowMs) ? rest : alert;
    }),
    cooldowns: record.cooldowns.filter(({ untilMs }) => nowMs < untilMs),
  };
}

/** When no decision needs any of the record's ids of persons, once its alerts are over; undefined if it has none. */
export function personsDueAtMs({ seen, alerts, cooldowns }: AlertRecord): number | undefined {
  const due = [
    ...seen.map(({ atMs }) => atMs + REMEMBERED_MS),
    ...alerts.flatMap(({ persons, endedAtMs }) =>
      persons && endedAtMs !== undefined ? [endedAtMs + REMEMBERED_MS] : [],
    ),
    ...cooldowns.flatMap(({ label, untilMs }) => (v.is(seenPerson, label) ? [untilMs] : [])),
  ];
  return due.length === 0 ? undefined : Math.max(...due);
}
