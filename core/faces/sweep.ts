import { DAY_MS, HOUR_MS } from "../../base/durations.ts";
import { asError } from "../../base/errors.ts";
import * as v from "valibot";
import { isForgotten, type ForgottenPerson, type Person } from "../../schemas/person.ts";
import { eventHourOf } from "../lake/time.ts";
import { UNKNOWN } from "../lake/rewrite-faces.ts";
import { FACE_RECORDS_PREFIX, rewriteFaceFiles, type FaceFiles } from "./face-files.ts";
import {
  beginForget,
  dueReason,
  faceRuleOf,
  finishForgets,
  personsDue,
  type ForgetParts,
  type Retention,
} from "./forget.ts";

/** Partitions of so many days are checked again: for rows that came late, of unknown faces and of persons who are forgotten. */
const LATE_DAYS = 3;

/** Holds the time before which no unknown faces are left, so that each file is checked for them on a few days only. */
const MARK_KEY = "sweeps/face_records.json";
const mark = v.object({ unknownRemovedBeforeMs: v.number() });

/** What a sweep did. */
export interface Swept {
  /** Persons whose forgetting began. */
  readonly begun: ForgottenPerson[];
  /** Persons of whom nothing is left now. */
  readonly done: ForgottenPerson[];
  /** Rows of unknown faces that were removed. */
  unknownRemoved: number;
  /** Rows that came late, of persons who were forgotten or merged. */
  lateRows: number;
  readonly errors: Error[];
}

/** How long faces are kept. */
export interface FaceRetention extends Retention {
  readonly unknownFaceDays: number;
}

/**
 * Applies the retention of faces: forgets persons whose consent expired or whom no camera has seen for too long, finishes
 * what was interrupted, and removes rows of unknown faces that are too old. A part that fails keeps no other from running.
 */
export async function sweepFaces(parts: ForgetParts, retention: FaceRetention): Promise<Swept> {
  const swept: Swept = { begun: [], done: [], unknownRemoved: 0, lateRows: 0, errors: [] };
  const attempt = async (part: () => Promise<void>): Promise<void> => {
    try {
      parts.signal?.throwIfAborted();
      await part();
    } catch (error) {
      swept.errors.push(asError(error));
    }
  };
  await attempt(() => beginDue(parts, retention, swept));
  await attempt(async () => {
    const unfinished = (await parts.persons.list()).filter(isForgotten).filter(({ step }) => step !== "done");
    if (unfinished.length > 0) swept.done.push(...(await finishForgets(parts, unfinished)));
  });
  await attempt(() => removeUnknown(parts, retention, swept));
  await attempt(() => removeLate(parts, swept));
  return swept;
}

async function beginDue(parts: ForgetParts, retention: FaceRetention, swept: Swept): Promise<void> {
  for (const { personId, reason } of personsDue(await parts.persons.list(), retention, parts.now())) {
    const isDue = (person: Person) => dueReason(person, retention, parts.now()) === reason;
    const begun = await beginForget(parts, personId, reason, isDue);
    if (begun) swept.begun.push(begun);
  }
}

/** Rows are removed by whole partitions, so at most an hour after they are old enough and a day after that. */
async function removeUnknown(
  { persons, files, signal, now }: ForgetParts,
  { unknownFaceDays }: FaceRetention,
  swept: Swept,
): Promise<void> {
  const beforeMs = Math.floor((now() - unknownFaceDays * DAY_MS) / HOUR_MS) * HOUR_MS;
  const before = await readMark(files);
  const fromMs = before === undefined ? undefined : Math.min(before, beforeMs) - LATE_DAYS * DAY_MS;
  await rewriteFaceFiles(files, async () => faceRuleOf(await persons.list(), true), {
    ...(fromMs !== undefined && { after: partitionOf(fromMs) }),
    before: partitionOf(beforeMs),
    signal,
    onRewritten: async ({ removed }) => {
      swept.unknownRemoved += removed.get(UNKNOWN) ?? 0;
    },
  });
  if (before !== beforeMs)
    await files.write(MARK_KEY, Buffer.from(JSON.stringify({ unknownRemovedBeforeMs: beforeMs })));
}

/** A row may reach the lake late, when Firehose could not write for hours: those of the last days are checked again. */
async function removeLate({ persons, files, signal, now }: ForgetParts, swept: Swept): Promise<void> {
  const { forgotten, merged } = faceRuleOf(await persons.list());
  if (forgotten.size === 0 && merged.size === 0) return;
  await rewriteFaceFiles(files, async () => faceRuleOf(await persons.list()), {
    after: partitionOf(now() - LATE_DAYS * DAY_MS),
    signal,
    onRewritten: async ({ removed, renamed }) => {
      for (const count of [...removed.values(), ...renamed.values()]) swept.lateRows += count;
    },
  });
}

/** The prefix of the partition of a time; keys of earlier partitions sort before it, those of its own and later ones after. */
function partitionOf(atMs: number): string {
  const { dt, hour } = eventHourOf(atMs);
  return `${FACE_RECORDS_PREFIX}dt=${dt}/hour=${hour}/`;
}

/** By listing: a key that does not exist looks like one that may not be read without leave to list the whole bucket. */
async function readMark(files: FaceFiles): Promise<number | undefined> {
  for await (const versions of files.versions(MARK_KEY)) {
    const latest = versions.find(({ key, isLatest }) => key === MARK_KEY && isLatest);
    if (latest)
      return v.parse(
        v.pipe(v.string(), v.parseJson(), mark),
        Buffer.from(await files.readVersion(latest)).toString("utf8"),
      ).unknownRemovedBeforeMs;
  }
  return undefined;
}
