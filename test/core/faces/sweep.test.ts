import { expect, test } from "@jest/globals";
import { parquetReadObjects } from "hyparquet";
import { zstdDecompressSync } from "node:zlib";
import { DAY_MS, HOUR_MS } from "../../../base/durations.ts";
import { sweepFaces } from "../../../core/faces/sweep.ts";
import { bufferOf } from "../../../core/lake/rewrite-faces.ts";
import { isForgotten, type Person } from "../../../schemas/person.ts";
import { fileOf, World } from "./world.ts";

const idOf = (digit: string) => `person-${digit.repeat(20)}`;
const [ANNA, BERT, CLEO, DORA] = ["a", "b", "c", "d"].map(idOf) as [string, string, string, string];
const RETENTION = { unknownFaceDays: 30, knownFaceDays: 365 };
const NOW_MS = Date.parse("2026-12-01T10:30:00Z");

const person = (personId: string, more: Partial<Person> = {}): Person => ({
  personId,
  version: 1,
  name: "Somebody",
  consent: { givenBy: "Somebody", givenAtMs: 0, wording: "2026-11", expiresAtMs: NOW_MS + DAY_MS },
  createdAtMs: NOW_MS - DAY_MS,
  ...more,
});

function world(...persons: readonly Person[]): World {
  const made = new World();
  made.clock.turn(NOW_MS - made.clock.now());
  for (const one of persons) {
    made.records.set(one.personId, one);
    made.users.add(one.personId);
    made.faces.push({
      faceId: `face-of-${one.personId}`,
      externalImageId: one.personId,
      userId: one.personId,
    });
  }
  return made;
}

function store(of: World, atMs: number, persons: readonly (string | null)[], name = "a"): void {
  const [dt, time] = new Date(atMs).toISOString().split("T") as [string, string];
  const rows = persons.map((person_id, face_no) => ({ seen_at_ms: atMs, face_no, person_id, yaw: null }));
  of.put(`face_records/dt=${dt}/hour=${time.slice(0, 2)}/${name}.parquet`, fileOf(rows));
}

async function personsIn(of: World): Promise<Record<string, unknown[]>> {
  const found: Record<string, unknown[]> = {};
  for (const [key, versions] of of.objects)
    if (key.startsWith("face_records/")) {
      const compressors = { ZSTD: (input: Uint8Array) => zstdDecompressSync(input) };
      const rows = await parquetReadObjects({ file: bufferOf(versions.at(-1)!.bytes), compressors });
      const [, dt, hour] = /dt=([^/]+)\/hour=(\d+)/.exec(key)!;
      (found[`${dt}T${hour}`] ??= []).push(...rows.map((row) => row["person_id"] ?? null));
    }
  return found;
}

test("persons whose consent expired or whom no camera saw for long enough are forgotten, all others stay", async () => {
  const swept = world(
    person(ANNA),
    person(BERT, { consent: { ...person(BERT).consent, expiresAtMs: NOW_MS } }),
    person(CLEO, { lastSeenAtMs: NOW_MS - 366 * DAY_MS }),
    person(DORA, { createdAtMs: NOW_MS - 800 * DAY_MS, lastSeenAtMs: NOW_MS - 364 * DAY_MS }),
  );
  store(swept, NOW_MS - HOUR_MS, [ANNA, BERT, CLEO, DORA, null]);
  const { begun, done, errors } = await sweepFaces(swept.parts(), RETENTION);
  expect(errors).toEqual([]);
  expect(begun.map(({ personId, reason }) => [personId, reason])).toEqual([
    [BERT, "consent-expired"],
    [CLEO, "not-seen"],
  ]);
  expect(done.map(({ personId, removed }) => [personId, removed])).toEqual([
    [BERT, { faces: 1, users: 1, rows: 1, files: 1, errorLines: 0 }],
    [CLEO, { faces: 1, users: 1, rows: 1, files: 1, errorLines: 0 }],
  ]);
  expect([...swept.users]).toEqual([ANNA, DORA]);
  expect(await personsIn(swept)).toEqual({ "2026-12-01T09": [ANNA, DORA, null] });
});

test("rows of unknown faces are removed once their hour is old enough, those of known ones stay", async () => {
  const swept = world(person(ANNA));
  const limitMs = Date.parse("2026-11-01T10:00:00Z");
  store(swept, limitMs - 100 * DAY_MS, [null, ANNA, null]);
  store(swept, limitMs - 1, [null, ANNA]);
  store(swept, limitMs - HOUR_MS - 1, [null]);
  store(swept, limitMs, [null, ANNA]);
  const first = await sweepFaces(swept.parts(), RETENTION);
  expect(first).toEqual({ begun: [], done: [], unknownRemoved: 4, lateRows: 0, errors: [] });
  expect(await personsIn(swept)).toEqual({
    "2026-07-24T10": [ANNA],
    "2026-11-01T09": [ANNA],
    "2026-11-01T10": [null, ANNA],
  });
  // The next run reads no file but those of the last days before.
  const before = swept.calls;
  swept.clock.turn(HOUR_MS);
  expect((await sweepFaces(swept.parts(), RETENTION)).unknownRemoved).toBe(1);
  expect(swept.calls - before).toBeLessThan(20);
  expect(await personsIn(swept)).toMatchObject({ "2026-11-01T10": [ANNA] });
});

test("an unknown face that reaches the lake late is removed by the next run", async () => {
  const swept = world();
  await sweepFaces(swept.parts(), RETENTION);
  store(swept, NOW_MS - 32 * DAY_MS, [null]);
  expect((await sweepFaces(swept.parts(), RETENTION)).unknownRemoved).toBe(1);
});

test("a row that reaches the lake after its person was forgotten or merged is corrected by the next run", async () => {
  const swept = world(person(BERT), person(ANNA, { consent: { ...person(ANNA).consent, expiresAtMs: 1 } }));
  swept.records.set(CLEO, { personId: CLEO, version: 2, mergedInto: BERT });
  await sweepFaces(swept.parts(), RETENTION);
  store(swept, NOW_MS - DAY_MS, [ANNA, CLEO, null]);
  expect(await sweepFaces(swept.parts(), RETENTION)).toMatchObject({ lateRows: 2, errors: [] });
  expect(await personsIn(swept)).toEqual({ "2026-11-30T10": [BERT, null] });
});

test("what was interrupted goes on, wherever it was", async () => {
  const prepared = () => {
    const swept = world(person(ANNA, { consent: { ...person(ANNA).consent, expiresAtMs: 1 } }), person(BERT));
    store(swept, NOW_MS - HOUR_MS, [ANNA, BERT]);
    store(swept, NOW_MS - 40 * DAY_MS, [null, BERT]);
    return swept;
  };
  const whole = prepared();
  await sweepFaces(whole.parts(), RETENTION);
  for (let kill = 1; kill <= whole.calls; kill++) {
    const swept = prepared();
    swept.callsLeft = kill;
    const { errors } = await sweepFaces(swept.parts(), RETENTION);
    expect(errors.length).toBeGreaterThan(0);
    swept.callsLeft = Infinity;
    expect((await sweepFaces(swept.parts(), RETENTION)).errors).toEqual([]);
    expect([...swept.records.values()].filter(isForgotten)).toMatchObject([{ personId: ANNA, step: "done" }]);
    expect(await personsIn(swept)).toEqual({ "2026-12-01T09": [BERT], "2026-10-22T10": [BERT] });
  }
});

test("a part that fails keeps no other from running", async () => {
  const swept = world(person(ANNA, { consent: { ...person(ANNA).consent, expiresAtMs: 1 } }));
  store(swept, NOW_MS - 40 * DAY_MS, [null, ANNA]);
  const parts = swept.parts();
  const collection = {
    ...parts.collection,
    deleteUser: () => Promise.reject(new Error("the collection is out of reach")),
  };
  const { unknownRemoved, errors } = await sweepFaces({ ...parts, collection }, RETENTION);
  expect(unknownRemoved).toBe(1);
  expect(errors.map(({ message }) => message)).toEqual(["the collection is out of reach"]);
});

test("a person whose consent is renewed while a run begins is not forgotten", async () => {
  const renewed = person(ANNA, { version: 2 });
  const swept = world(person(ANNA, { consent: { ...renewed.consent, expiresAtMs: NOW_MS } }));
  const parts = swept.parts();
  const persons = {
    ...parts.persons,
    list: async () => {
      const listed = await parts.persons.list();
      swept.records.set(ANNA, renewed);
      return listed;
    },
  };
  expect(await sweepFaces({ ...parts, persons }, RETENTION)).toMatchObject({ begun: [], errors: [] });
  expect(swept.records.get(ANNA)).toEqual(renewed);
});

test("a file that cannot be read is an error, and keeps none of the later ones from being swept", async () => {
  const swept = world();
  swept.put("face_records/dt=2026-10-01/hour=00/a.parquet", Buffer.from("no Parquet"));
  for (const hour of ["01", "02", "03", "04"])
    store(swept, Date.parse(`2026-10-01T${hour}:00:00Z`), [null, ANNA]);
  const { unknownRemoved, errors } = await sweepFaces(swept.parts(), RETENTION);
  expect(unknownRemoved).toBe(4);
  expect(errors.map(({ message }) => message)).toEqual([
    expect.stringMatching(/^face_records\/dt=2026-10-01\/hour=00\/a\.parquet: /),
  ]);
  // It is named again by each run, until somebody has looked at it.
  expect((await sweepFaces(swept.parts(), RETENTION)).errors).toHaveLength(1);
});

test("a run whose time is up ends with the reason", async () => {
  const swept = world();
  const { errors } = await sweepFaces(
    swept.parts({ signal: AbortSignal.abort(new Error("the time is up")) }),
    RETENTION,
  );
  expect(new Set(errors.map(({ message }) => message))).toEqual(new Set(["the time is up"]));
});
