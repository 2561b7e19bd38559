import { DAY_MS } from "../../base/durations.ts";
import { isForgotten, isMerged, type Person, type PersonRecord } from "../../schemas/person.ts";

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
  let personId = matchedId;
  for (let merges = 0; merges <= MAX_MERGES; merges++) {
    const record = await persons.find(personId);
    if (!record) return { kind: "unknown", reason: `there is no person ${personId}` };
    if (isForgotten(record)) return { kind: "forgotten" };
    if (!isMerged(record))
      return nowMs < record.consent.expiresAtMs
        ? { kind: "person", person: record }
        : { kind: "unknown", reason: `the consent of ${personId} has expired` };
    personId = record.mergedInto;
  }
  return { kind: "unknown", reason: `${matchedId} is merged in a circle` };
}

/** Whose a row is by now: an id, or nobody's, because the person is forgotten. */
export type PersonOfRow = "forgotten" | (string & {});

/** Whose a row with an id is: someone may have been forgotten or merged since it was written. */
export async function personOfRow(
  persons: Pick<PersonRecords, "find">,
  rowsId: string,
): Promise<PersonOfRow> {
  let personId = rowsId;
  for (let merges = 0; merges <= MAX_MERGES; merges++) {
    const record = await persons.find(personId);
    if (record && isForgotten(record)) return "forgotten";
    if (!record || !isMerged(record)) return personId;
    personId = record.mergedInto;
  }
  return rowsId;
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
