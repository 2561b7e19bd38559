import { expect, test } from "@jest/globals";
import { DAY_MS } from "../../base/durations.ts";
import { mergePersons } from "../../operator/merge-persons.ts";
import type { MergedPerson, Person } from "../../schemas/person.ts";
import { Crash, FaceWorld } from "./face-world.ts";

const [OLD, FROM, INTO] = ["0", "1", "2"].map((digit) => `person-${digit.repeat(20)}`) as [
  string,
  string,
  string,
];
const consent = { givenBy: "herself", givenAtMs: 0, wording: "2026-11", expiresAtMs: DAY_MS };
const person = (personId: string, name: string, lastSeenAtMs?: number): Person => ({
  personId,
  version: 1,
  name,
  consent,
  createdAtMs: 0,
  ...(lastSeenAtMs !== undefined && { lastSeenAtMs }),
});

/** Two persons with faces, and one who was merged into the first before. */
function twoPersons(looks: readonly [number, number] = [7, 7]): FaceWorld {
  const world = new FaceWorld();
  for (const record of [
    { personId: OLD, version: 2, mergedInto: FROM },
    person(FROM, "Ada Byron", 2 * DAY_MS),
    person(INTO, "Ada Lovelace", DAY_MS),
  ])
    world.records.set(record.personId, record);
  for (const [faceId, enrolledFor, personId, look] of [
    ["a", OLD, FROM, looks[0]],
    ["b", FROM, FROM, looks[0]],
    ["c", FROM, undefined, looks[0]],
    ["d", INTO, INTO, looks[1]],
  ] as const)
    world.stored.set(faceId, { faceId, enrolledFor, personId, looks: look });
  world.users.add(FROM).add(INTO);
  return world;
}

const NOTHING = { faces: 0, users: 0, rows: 0, files: 0, errorLines: 0 };

const merge = (world: FaceWorld, isForced = false) =>
  mergePersons(
    world.records.get(FROM) as Person | MergedPerson,
    world.records.get(INTO) as Person,
    world,
    isForced,
  );

test("a merge moves all faces, also loose ones and those of earlier merges, and keeps the other's name and consent", async () => {
  const world = twoPersons();
  expect(await merge(world)).toEqual({ pictures: 3, similarity: 99 });
  expect(world.state().faces.map(({ personId }) => personId)).toEqual([INTO, INTO, INTO, INTO]);
  expect(world.state().users).toEqual([INTO]);
  expect(world.state().records).toEqual([
    { personId: OLD, version: 3, mergedInto: INTO },
    { personId: FROM, version: 2, mergedInto: INTO },
    { ...person(INTO, "Ada Lovelace", 2 * DAY_MS), version: 2 },
  ]);
});

test("persons who do not look alike are merged only when it is forced", async () => {
  const world = twoPersons([7, 8]);
  const before = world.state();
  await expect(merge(world)).rejects.toThrow(
    "their faces do not look like one person's: similarity 10.0 %, expected at least 75 %; nothing was changed",
  );
  expect(world.state()).toEqual(before);
  expect(await merge(world, true)).toEqual({ pictures: 3, similarity: 10 });
});

test("persons with more pictures than one may have are not merged", async () => {
  const world = twoPersons();
  for (let face = 0; face < 97; face++)
    world.stored.set(`e${face}`, { faceId: `e${face}`, enrolledFor: INTO, personId: INTO, looks: 7 });
  const before = world.state();
  await expect(merge(world)).rejects.toThrow("together they have 101 pictures, and a person has at most 100");
  expect(world.state()).toEqual(before);
});

test("faces go back when the other person is forgotten while they are moved", async () => {
  const world = twoPersons();
  const { associate } = world.collection;
  world.collection.associate = async (...given) => {
    const begun = { forgottenAtMs: 0, reason: "requested", step: "lake", removed: NOTHING } as const;
    world.records.set(INTO, { personId: INTO, version: 2, ids: [INTO], ...begun });
    return await associate(...given);
  };
  await expect(merge(world)).rejects.toThrow(
    `${INTO} was forgotten or merged meanwhile; nothing was changed`,
  );
  const { users, faces, records } = world.state();
  expect(users).toEqual([FROM]);
  expect(faces.map(({ faceId, personId }) => [faceId, personId])).toEqual([
    ["a", FROM],
    ["b", FROM],
    ["c", FROM],
    ["d", undefined],
  ]);
  expect(records[1]).toEqual(person(FROM, "Ada Byron", 2 * DAY_MS));
});

test("killed before or after any call and run again, a merge ends as if it had not been", async () => {
  const whole = twoPersons();
  await merge(whole);
  const expected = whole.state();
  for (const when of ["before", "after"] as const)
    for (let call = 1; call <= whole.calls; call++) {
      const world = twoPersons();
      world.crashAt = { call, when };
      await expect(merge(world)).rejects.toThrow(Crash);
      world.crashAt = undefined;
      await merge(world);
      expect(world.state()).toEqual(expected);
    }
});
