import { describe, expect, test } from "@jest/globals";
import { systemClock } from "../../base/clock.ts";
import { DAY_MS } from "../../base/durations.ts";
import { enrolPerson, type ToEnrol } from "../../operator/enrolment.ts";
import { isPerson, type Consent, type Person } from "../../schemas/person.ts";
import { Crash, FaceWorld, type Shown } from "./face-world.ts";

const clock = { ...systemClock, now: () => DAY_MS };
const consent: Consent = { givenBy: "herself", givenAtMs: 0, wording: "2026-11", expiresAtMs: 400 * DAY_MS };
const ADA = "person-00000000000000000ada";
const running = { signal: new AbortController().signal };

/** Enrols pictures under the name of Ada, as a run of the command does. */
async function enrol(
  world: FaceWorld,
  shown: Readonly<Record<string, Shown>>,
  { options = running, ...given }: Partial<ToEnrol> & { options?: Parameters<typeof enrolPerson>[3] } = {},
) {
  const known = (await world.persons.list()).find(
    (one): one is Person => isPerson(one) && one.name === "Ada",
  );
  const pictures = Object.entries(shown).map(([path, what]) => world.picture(path, what));
  return await enrolPerson(
    { name: "Ada", known, consent: known?.consent ?? consent, pictures, ...given },
    await world.collection.faces(),
    { persons: world.persons, collection: world.collection, clock, newId: () => ADA },
    options,
  );
}

const outcomes = ({ pictures }: Awaited<ReturnType<typeof enrolPerson>>) =>
  pictures.map((one) => [one.path, one.outcome === "refused" ? one.reason : one.outcome]);

const TWO = { "1.jpg": { face: 7 }, "2.jpg": { face: 7 } } as const;
const MIXED = {
  ...TWO,
  "blurred.jpg": { unindexed: "the face is blurred" },
  "empty.jpg": { faces: 0 },
  "group.jpg": { faces: 3 },
  "notes.txt": { unusable: "it is not a JPEG or PNG image" },
  "other.jpg": { face: 8 },
} as const;
const NONE = { "blurred.jpg": { unindexed: "the face is blurred" } } as const;

describe("enrolPerson", () => {
  test("stores the faces of the pictures that show one, as one user, and says of the others why not", async () => {
    const world = new FaceWorld();
    const enrolled = await enrol(world, MIXED);
    expect(outcomes(enrolled)).toEqual([
      ["1.jpg", "indexed"],
      ["2.jpg", "indexed"],
      ["blurred.jpg", "the face is blurred"],
      ["empty.jpg", "it shows no face"],
      ["group.jpg", "it shows 3 faces"],
      ["notes.txt", "it is not a JPEG or PNG image"],
      ["other.jpg", "it does not look like the person's other pictures"],
    ]);
    expect(enrolled).toMatchObject({ isNew: true, isRenewed: false, person: { personId: ADA, name: "Ada" } });
    const { faces, users, records } = world.state();
    expect(faces.map(({ personId }) => personId)).toEqual([ADA, ADA]);
    expect(users).toEqual([ADA]);
    expect(records).toEqual([{ personId: ADA, version: 1, name: "Ada", consent, createdAtMs: clock.now() }]);
  });

  test("writes the record with the consent before any face is stored", async () => {
    const world = new FaceWorld();
    const index = world.collection.index;
    let recordAtIndex: unknown;
    world.collection.index = (image, id) => {
      recordAtIndex ??= world.records.get(id);
      return index(image, id);
    };
    await enrol(world, TWO);
    expect(recordAtIndex).toMatchObject({ consent });
  });

  test("stores nothing of a person none of whose pictures can be enrolled", async () => {
    const world = new FaceWorld();
    expect((await enrol(world, { "empty.jpg": { faces: 0 } })).person).toBeUndefined();
    expect((await enrol(world, NONE)).person).toBeUndefined();
    expect(world.state()).toEqual({ records: [], faces: [], users: [] });
  });

  test("keeps a person whom a camera has seen, although no picture of them is left", async () => {
    const world = new FaceWorld();
    const seen = { personId: ADA, version: 1, name: "Ada", consent, createdAtMs: 0, lastSeenAtMs: DAY_MS };
    world.records.set(ADA, seen);
    expect((await enrol(world, NONE)).person).toEqual(seen);
  });

  test("changes nothing when it is run twice", async () => {
    const world = new FaceWorld();
    await enrol(world, MIXED);
    const before = world.state();
    const again = await enrol(world, MIXED);
    expect(outcomes(again).slice(0, 2)).toEqual([
      ["1.jpg", "known"],
      ["2.jpg", "known"],
    ]);
    expect(again).toMatchObject({ isNew: false, isRenewed: false });
    expect(world.state()).toEqual(before);
  });

  test("adds pictures to a known person, and replaces the consent that is given anew", async () => {
    const world = new FaceWorld();
    await enrol(world, { "1.jpg": { face: 7 } });
    const renewed = { ...consent, expiresAtMs: 500 * DAY_MS };
    const added = await enrol(world, TWO, { consent: renewed });
    expect(outcomes(added)).toEqual([
      ["1.jpg", "known"],
      ["2.jpg", "indexed"],
    ]);
    expect(added).toMatchObject({ isRenewed: true, person: { version: 2, consent: renewed } });
  });

  test("stops between two pictures when it is interrupted, and completes what is stored", async () => {
    const world = new FaceWorld();
    const controller = new AbortController();
    const index = world.collection.index;
    world.collection.index = async (image, id) => {
      const result = await index(image, id);
      controller.abort();
      return result;
    };
    expect(outcomes(await enrol(world, TWO, { options: controller }))).toEqual([
      ["1.jpg", "indexed"],
      ["2.jpg", "interrupted; run it again"],
    ]);
    expect(world.state().faces.map(({ personId }) => personId)).toEqual([ADA]);
  });

  test("removes what it has stored of a person who is forgotten meanwhile", async () => {
    const world = new FaceWorld();
    const { associate } = world.collection;
    world.collection.associate = async (...given) => {
      const result = await associate(...given);
      world.records.set(ADA, {
        personId: ADA,
        version: 2,
        forgottenAtMs: 1,
        reason: "requested",
        step: "collection",
        ids: [ADA],
        removed: { faces: 0, users: 0, rows: 0, files: 0, errorLines: 0 },
      });
      return result;
    };
    const enrolled = await enrol(world, { "1.jpg": { face: 7 } });
    expect(outcomes(enrolled)).toEqual([["1.jpg", "the person was forgotten or merged meanwhile"]]);
    expect(world.state()).toMatchObject({ faces: [], users: [] });
  });

  test.each([
    ["with faces", MIXED],
    ["without any", NONE],
  ])("killed before or after any call and run again, it ends as if it had not been: %s", async (_, shown) => {
    const whole = new FaceWorld();
    await enrol(whole, shown);
    const expected = whole.state();
    let kills = 0;
    for (const when of ["before", "after"] as const)
      for (let call = 1; call <= whole.calls; call++) {
        const world = new FaceWorld();
        world.crashAt = { call, when };
        await expect(enrol(world, shown)).rejects.toThrow(Crash);
        world.crashAt = undefined;
        await enrol(world, shown);
        expect(world.state()).toEqual(expected);
        kills++;
      }
    expect(kills).toBeGreaterThan(10);
  });
});
