import { DAY_MS } from "../../base/durations.ts";
import type { Face } from "../../schemas/face.ts";
import {
  isForgotten,
  isMerged,
  type ForgottenPerson,
  type Person,
  type PersonRecord,
} from "../../schemas/person.ts";

/** Persons are merged into each other so often in a row at most; more is a circle. */
const MAX_MERGES = 10;

/** The persons' table, as far as faces are recognised with it. Reads are strongly consistent. */
export interface PersonRecords {
  find(personId: string): Promise<PersonRecord | undefined>;
  /** Replaces exactly the version before. @returns false when another writer was faster */
  put(record: PersonRecord): Promise<boolean>;
}

/** Whom a match of the collection stands for. */
export type Recognised =
  | { readonly kind: "person"; readonly person: Person }
  /** Nothing of the face is stored. */
  | { readonly kind: "forgotten" }
  /** The face is one of an unknown visitor. */
  | { readonly kind: "unknown"; readonly reason: string };

/**
 * Whom a match stands for, by the table and not by the collection: someone may have been forgotten or merged since the
 * search, their consent may have expired, and a collection may hold faces that nobody enrolled here.
 */
export async function recognise(
  persons: Pick<PersonRecords, "find">,
  matchedId: string,
  nowMs: number,
): Promise<Recognised> {
  const owner = await ownerOf(persons, matchedId);
  if (!owner) return { kind: "unknown", reason: `${matchedId} is merged in a circle` };
  const { personId, record } = owner;
  if (!record) return { kind: "unknown", reason: `there is no person ${personId}` };
  if (isForgotten(record)) return { kind: "forgotten" };
  return nowMs < record.consent.expiresAtMs
    ? { kind: "person", person: record }
    : { kind: "unknown", reason: `the consent of ${personId} has expired` };
}

/** Whom a face is entered as. */
interface Identified {
  readonly entries: Pick<Face, "matches" | "personId" | "similarity">;
  /** Why its match counts as unknown. */
  readonly unknown: readonly string[];
}

/**
 * Recognises the best match of a face, and enters that the person was seen.
 * @param matches the most similar first
 * @param seenAtMs producer time
 * @returns undefined for a forgotten person's: nothing of the face is stored
 */
export async function identify(
  { persons, now }: { readonly persons: PersonRecords; now(): number },
  matches: readonly { readonly personId: string; readonly similarity: number }[],
  seenAtMs: number,
): Promise<Identified | undefined> {
  const [best] = matches;
  if (!best) return { entries: { matches: 0 }, unknown: [] };
  const nowMs = now();
  const recognised = await recognise(persons, best.personId, nowMs);
  switch (recognised.kind) {
    case "forgotten":
      return undefined;
    case "unknown":
      return { entries: { matches: 0 }, unknown: [recognised.reason] };
    case "person": {
      const { person } = recognised;
      await enterLastSeen(persons, person, seenAtMs, nowMs);
      const { personId } = person;
      return { entries: { matches: matches.length, personId, similarity: best.similarity }, unknown: [] };
    }
  }
}

/** Whose a row is by now: an id, or nobody's, because the person is forgotten. */
export type PersonOfRow = "forgotten" | (string & {});

/** Whose a row with an id is: someone may have been forgotten or merged since it was written. */
export async function personOfRow(
  persons: Pick<PersonRecords, "find">,
  rowsId: string,
): Promise<PersonOfRow> {
  const owner = await ownerOf(persons, rowsId);
  if (!owner) return rowsId;
  return owner.record && isForgotten(owner.record) ? "forgotten" : owner.personId;
}

/** Whose an id is once merges are followed, with their record if there is one; undefined for a circle. */
async function ownerOf(
  persons: Pick<PersonRecords, "find">,
  id: string,
): Promise<{ readonly personId: string; readonly record: Person | ForgottenPerson | undefined } | undefined> {
  let personId = id;
  for (let merges = 0; merges <= MAX_MERGES; merges++) {
    const record = await persons.find(personId);
    if (!record || !isMerged(record)) return { personId, record };
    personId = record.mergedInto;
  }
  return undefined;
}

/**
 * Enters the day on which a person was last seen, at most once a day. When another writer is faster, the next face enters
 * it.
 * @param seenAtMs producer time; of a camera whose clock is ahead, now
 */
export async function enterLastSeen(
  persons: Pick<PersonRecords, "put">,
  person: Person,
  seenAtMs: number,
  nowMs: number,
): Promise<void> {
  const atMs = Math.min(seenAtMs, nowMs);
  const lastSeenAtMs = atMs - (atMs % DAY_MS);
  if (lastSeenAtMs > (person.lastSeenAtMs ?? -1))
    await persons.put({ ...person, version: person.version + 1, lastSeenAtMs });
}
