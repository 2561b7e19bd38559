import type { Clock } from "../base/clock.ts";
import { SECOND_MS } from "../base/durations.ts";
import { ownerOf } from "../core/lake/rewrite-faces.ts";
import { isForgotten, isMerged, isPerson, type PersonRecord } from "../schemas/person.ts";

/** How long a list of persons is used. */
const LASTS_MS = 5 * SECOND_MS;

/** Who is enrolled, as one reading of the table says. */
export interface Persons {
  /** By name. */
  readonly enrolled: readonly { readonly personId: string; readonly name: string }[];
  /** The person that an id in the lake stands for; undefined for one who was forgotten. */
  ownerOf(personId: string): string | undefined;
  /** Undefined for synthetic persons, who have none. */
  nameOf(personId: string): string | undefined;
}

/** The persons of a stack, read again after a while. */
export function personDirectory(table: { list(): Promise<readonly PersonRecord[]> }, clock: Clock) {
  let known: { readonly untilMs: number; readonly persons: Promise<Persons> } | undefined;
  return (): Promise<Persons> => {
    if (known && clock.now() < known.untilMs) return known.persons;
    const persons = table.list().then(personsOf);
    known = { untilMs: clock.now() + LASTS_MS, persons };
    persons.catch(() => (known = undefined));
    return persons;
  };
}

function personsOf(records: readonly PersonRecord[]): Persons {
  const names = new Map(records.filter(isPerson).map(({ personId, name }) => [personId, name]));
  const merged = new Map(records.filter(isMerged).map(({ personId, mergedInto }) => [personId, mergedInto]));
  const forgotten = new Set(records.filter(isForgotten).map(({ personId }) => personId));
  return {
    enrolled: [...names]
      .map(([personId, name]) => ({ personId, name }))
      .toSorted((a, b) => a.name.localeCompare(b.name, "en") || (a.personId < b.personId ? -1 : 1)),
    ownerOf: (personId) => {
      const owner = ownerOf(personId, merged);
      return forgotten.has(owner) ? undefined : owner;
    },
    nameOf: (personId) => names.get(personId),
  };
}
