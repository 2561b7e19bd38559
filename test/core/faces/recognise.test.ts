import { describe, expect, test } from "@jest/globals";
import { enterLastSeen, recognise } from "../../../core/faces/recognise.ts";
import type { Person, PersonRecord } from "../../../schemas/person.ts";

const DAY_MS = 86_400_000;
const NOW_MS = Date.UTC(2026, 10, 30, 14);
const TODAY_MS = Date.UTC(2026, 10, 30);
const idOf = (digit: number): string => `person-${String(digit).repeat(20)}`;
const person = (digit: number, changes: Partial<Person> = {}): Person => ({
  personId: idOf(digit),
  version: 3,
  name: "Ada",
  consent: { givenBy: "Ada", givenAtMs: 0, wording: "2026-11", expiresAtMs: NOW_MS + DAY_MS },
  createdAtMs: 0,
  ...changes,
});
const merged = (digit: number, into: number): PersonRecord => ({
  personId: idOf(digit),
  version: 2,
  mergedInto: idOf(into),
});
const forgotten = (digit: number): PersonRecord => ({
  personId: idOf(digit),
  version: 2,
  forgottenAtMs: 1,
  reason: "requested",
  step: "done",
  ids: [idOf(digit)],
  removed: { faces: 0, users: 0, rows: 0, files: 0, errorLines: 0 },
});

class Persons {
  readonly records: Map<string, PersonRecord>;
  puts = 0;
  constructor(...records: readonly PersonRecord[]) {
    this.records = new Map(records.map((one) => [one.personId, one]));
  }
  find = async (personId: string) => this.records.get(personId);
  put = async (record: PersonRecord) => {
    this.puts++;
    if ((this.records.get(record.personId)?.version ?? 0) !== record.version - 1) return false;
    this.records.set(record.personId, record);
    return true;
  };
}

describe("a match", () => {
  test("is the person whose consent is valid", async () => {
    expect(await recognise(new Persons(person(1)), idOf(1), NOW_MS)).toEqual({
      kind: "person",
      person: person(1),
    });
  });

  test("is the person into whom the matched one was merged, also by way of others", async () => {
    const persons = new Persons(merged(1, 2), merged(2, 3), person(3));
    expect(await recognise(persons, idOf(1), NOW_MS)).toEqual({ kind: "person", person: person(3) });
  });

  test("is forgotten with the person, also after a merge", async () => {
    const persons = new Persons(merged(1, 2), forgotten(2));
    expect(await recognise(persons, idOf(2), NOW_MS)).toEqual({ kind: "forgotten" });
    expect(await recognise(persons, idOf(1), NOW_MS)).toEqual({ kind: "forgotten" });
  });

  test("is unknown from the moment at which the consent expires", async () => {
    const consent = { ...person(1).consent, expiresAtMs: NOW_MS };
    const persons = new Persons(person(1, { consent }));
    expect(await recognise(persons, idOf(1), NOW_MS - 1)).toMatchObject({ kind: "person" });
    expect(await recognise(persons, idOf(1), NOW_MS)).toEqual({
      kind: "unknown",
      reason: `the consent of ${idOf(1)} has expired`,
    });
  });

  test("is unknown without a record, and in a circle of merges", async () => {
    expect(await recognise(new Persons(), idOf(1), NOW_MS)).toEqual({
      kind: "unknown",
      reason: `there is no person ${idOf(1)}`,
    });
    expect(await recognise(new Persons(merged(1, 2), merged(2, 1)), idOf(1), NOW_MS)).toEqual({
      kind: "unknown",
      reason: `${idOf(1)} is merged in a circle`,
    });
  });
});

describe("the day on which a person was last seen", () => {
  test("is entered once a day, and never goes back", async () => {
    const persons = new Persons(person(1));
    const seen = async (seenAtMs: number) => {
      await enterLastSeen(persons, persons.records.get(idOf(1)) as Person, seenAtMs, NOW_MS);
      return (persons.records.get(idOf(1)) as Person).lastSeenAtMs;
    };
    expect(await seen(TODAY_MS - 1)).toBe(TODAY_MS - DAY_MS);
    expect(await seen(TODAY_MS - DAY_MS)).toBe(TODAY_MS - DAY_MS);
    expect(await seen(TODAY_MS + 5000)).toBe(TODAY_MS);
    expect(await seen(TODAY_MS + 6000)).toBe(TODAY_MS);
    expect(await seen(TODAY_MS - 5000)).toBe(TODAY_MS);
    expect(persons.puts).toBe(2);
  });

  test("is not in the future, whatever the camera's clock says", async () => {
    const persons = new Persons(person(1));
    await enterLastSeen(persons, person(1), NOW_MS + 100 * DAY_MS, NOW_MS);
    expect(persons.records.get(idOf(1))).toMatchObject({ lastSeenAtMs: TODAY_MS, version: 4 });
  });

  test("is left to the next face when another writer is faster: nobody who is forgotten comes back", async () => {
    const persons = new Persons({ ...forgotten(1), version: 4 });
    await enterLastSeen(persons, person(1), NOW_MS, NOW_MS);
    expect(persons.records.get(idOf(1))).toMatchObject({ forgottenAtMs: 1 });
  });
});
