import { gunzipSync, gzipSync, zstdDecompressSync } from "node:zlib";
import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { parquetReadObjects } from "hyparquet";
import { DAY_MS } from "../../../base/durations.ts";
import {
  beginForget,
  countStored,
  dueReason,
  finishForgets,
  idsOf,
  settleMs,
  type ForgetParts,
} from "../../../core/faces/forget.ts";
import { bufferOf } from "../../../core/lake/rewrite-faces.ts";
import type { ForgottenPerson, Person } from "../../../schemas/person.ts";
import { fileOf, Killed, World, type FaceRow } from "./world.ts";

const idOf = (digit: string) => `person-${digit.repeat(20)}`;
const ANNA = idOf("a");
const BERT = idOf("b");
/** Merged into Anna. */
const ANNE = idOf("c");
/** Merged into Anne. */
const ANN = idOf("d");

const NOW_MS = Date.parse("2026-12-01T00:00:00Z");

const enrolled = (personId: string, name: string, more: Partial<Person> = {}): Person => ({
  personId,
  version: 1,
  name,
  consent: {
    givenBy: name,
    givenAtMs: NOW_MS - DAY_MS,
    wording: "2026-11",
    expiresAtMs: NOW_MS + 100 * DAY_MS,
  },
  createdAtMs: NOW_MS - DAY_MS,
  ...more,
});

/** Anna with two merged persons and Bert, a face each; without files. */
function household(): World {
  const world = new World();
  world.records.set(ANNA, enrolled(ANNA, "Anna Example"));
  world.records.set(BERT, enrolled(BERT, "Bert Example"));
  world.records.set(ANNE, { personId: ANNE, version: 2, mergedInto: ANNA });
  world.records.set(ANN, { personId: ANN, version: 2, mergedInto: ANNE });
  world.faces = [
    { faceId: "face-1", externalImageId: ANNA, userId: ANNA },
    { faceId: "face-2", externalImageId: ANNE, userId: ANNA },
    // Left by an enrolment that was interrupted.
    { faceId: "face-3", externalImageId: ANN },
    { faceId: "face-4", externalImageId: BERT, userId: BERT },
  ];
  world.users.add(ANNA).add(BERT);
  return world;
}

const forget = async (parts: ForgetParts, personId = ANNA): Promise<ForgottenPerson> => {
  const [done] = await finishForgets(parts, [await beginForget(parts, personId, "requested")]);
  return done!;
};

const folder = (hour: number) => `face_records/dt=2026-11-30/hour=${String(hour).padStart(2, "0")}`;

const errorLine = (personId: string, more = "") =>
  JSON.stringify({
    errorCode: "Lambda.FunctionError",
    rawData: Buffer.from(JSON.stringify({ type: "FACE", personId, more })).toString("base64"),
  });

/** The rows of the latest versions, and the ids of all. */
async function lakeRows(world: World): Promise<FaceRow[]> {
  const latest = [...world.objects].flatMap(([key, versions]) =>
    key.startsWith("face_records/") ? [versions.at(-1)!.bytes] : [],
  );
  const rows = await Promise.all(
    latest.map((bytes) =>
      parquetReadObjects({ file: bufferOf(bytes), compressors: { ZSTD: zstd }, utf8: true }),
    ),
  );
  return rows.flat().map((row) => ({
    seen_at_ms: Number(row["seen_at_ms"]),
    face_no: Number(row["face_no"]),
    person_id: (row["person_id"] as string | undefined) ?? null,
    yaw: (row["yaw"] as number | undefined) ?? null,
  }));
}
const zstd = (input: Uint8Array) => zstdDecompressSync(input);

const keyOf = ({ seen_at_ms, face_no }: FaceRow) => `${seen_at_ms}/${face_no}`;
const inOrder = (rows: readonly FaceRow[]) => rows.toSorted((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));

/** Each fact once, as the views show it. */
const facts = (rows: readonly FaceRow[]) =>
  inOrder([...new Map(rows.map((row) => [keyOf(row), row])).values()]);

const files = fc
  .array(
    fc.record({
      hour: fc.nat({ max: 3 }),
      persons: fc.array(fc.constantFrom(ANNA, BERT, ANNE, ANN, null), { minLength: 1, maxLength: 6 }),
      /** How often the file is overwritten, and whether its old versions stay. */
      versions: fc.integer({ min: 1, max: 3 }),
    }),
    { minLength: 1, maxLength: 6 },
  )
  .map((all) => {
    let seen = 0;
    return all.map(({ hour, persons, versions }, index) => ({
      key: `${folder(hour)}/doorstep-dev-faces-${index}.parquet`,
      versions,
      rows: persons.map((person_id): FaceRow => ({
        seen_at_ms: NOW_MS - 1000 * seen,
        face_no: seen++ % 3,
        person_id,
        yaw: seen % 2 ? null : 1.5,
      })),
    }));
  });

const isOf = (ids: readonly string[], bytes: Uint8Array): boolean => {
  const isGzip = bytes[0] === 0x1f && bytes[1] === 0x8b;
  const text = Buffer.from(isGzip ? gunzipSync(bytes) : bytes).toString("latin1");
  return ids.some(
    (id) => text.includes(id) || text.includes(Buffer.from(`"${id}`).toString("base64").slice(4, 20)),
  );
};

describe("to forget a person", () => {
  test("leaves nothing of them in any version, and every other row once, wherever runs are killed", async () => {
    await fc.assert(
      fc.asyncProperty(
        files,
        fc.array(fc.integer({ min: 1, max: 60 }), { maxLength: 4 }),
        fc.boolean(),
        async (all, kills, isKilledAfter) => {
          const world = household();
          for (const { key, versions, rows } of all)
            for (let version = 0; version < versions; version++) world.put(key, fileOf(rows));
          world.put(
            "errors/face_records/processing-failed/dt=2026-11-30/one",
            Buffer.from(`${errorLine(ANNA)}\n`),
          );
          const before = facts(await lakeRows(world));
          world.isKilledAfter = isKilledAfter;
          for (const kill of kills) {
            world.callsLeft = kill;
            await forget(world.parts()).catch((error: unknown) => {
              if (!isKill(error)) throw error;
            });
            world.callsLeft = Infinity;
            // Whoever reads the table meanwhile finds all other rows.
            const others = facts(await lakeRows(world)).filter((row) => !ids.includes(row.person_id ?? ""));
            expect(others).toEqual(before.filter((row) => !ids.includes(row.person_id ?? "")));
          }
          const done = await forget(world.parts());
          expect(done.step).toBe("done");
          const after = await lakeRows(world);
          expect(facts(after)).toEqual(before.filter((row) => !ids.includes(row.person_id ?? "")));
          expect(await countStored(world.parts(), new Set(ids))).toEqual(NOTHING);
          for (const key of world.objects.keys()) expect(key).not.toMatch(/errors\/face_records/);
        },
      ),
      { numRuns: 60 },
    );
  });

  const ids = [ANNA, ANNE, ANN];
  const NOTHING = { faces: 0, users: 0, rows: 0, files: 0, errorLines: 0 };
  const isKill = (error: unknown): boolean =>
    error instanceof Killed || (error instanceof Error && isKill(error.cause));

  test("is continued at the step where it was killed, at every call", async () => {
    const rows: FaceRow[] = [ANNA, BERT, ANN, null].map((person_id, face_no) => ({
      seen_at_ms: NOW_MS,
      face_no,
      person_id,
      yaw: null,
    }));
    const prepared = () => {
      const world = household();
      world.put(`${folder(7)}/a.parquet`, fileOf(rows));
      world.put(`${folder(8)}/b.parquet`, fileOf(rows.map((row) => ({ ...row, seen_at_ms: NOW_MS + 1 }))));
      world.put(
        "errors/face_records/processing-failed/dt=2026-11-30/a",
        gzipSync(`${errorLine(BERT)}\n${errorLine(ANN)}\n`),
      );
      world.put("errors/redriven/face_records/b.0123456789ab", Buffer.from(`${errorLine(ANNA)}\n`));
      return world;
    };
    const whole = prepared();
    await forget(whole.parts());
    expect(whole.calls).toBeGreaterThan(30);
    for (const isKilledAfter of [false, true])
      for (let kill = 1; kill <= whole.calls; kill++) {
        const world = prepared();
        world.isKilledAfter = isKilledAfter;
        world.callsLeft = kill;
        await expect(forget(world.parts())).rejects.toThrow();
        world.callsLeft = Infinity;
        const done = await forget(world.parts());
        expect(done).toMatchObject({ step: "done", ids: [ANNA, ANNE, ANN] });
        expect(done).not.toHaveProperty("name");
        expect(world.faces).toEqual([{ faceId: "face-4", externalImageId: BERT, userId: BERT }]);
        expect([...world.users]).toEqual([BERT]);
        expect(facts(await lakeRows(world)).map(({ person_id }) => person_id)).toEqual([
          BERT,
          null,
          BERT,
          null,
        ]);
        expect(world.allBytes().filter((bytes) => isOf(ids, bytes))).toEqual([]);
        const errors = [...world.objects].filter(([key]) => key.startsWith("errors/"));
        expect(errors.map(([, [one]]) => gunzipSync(one!.bytes).toString())).toEqual([
          `${errorLine(BERT)}\n`,
        ]);
      }
  }, 60_000);

  test("replaces the record at once, so that the name is gone before the work begins", async () => {
    const world = household();
    const begun = await beginForget(world.parts(), ANNA, "consent-expired");
    expect(begun).toEqual({
      personId: ANNA,
      version: 2,
      forgottenAtMs: NOW_MS,
      reason: "consent-expired",
      step: "collection",
      ids: [ANNA, ANNE, ANN],
      removed: NOTHING,
    });
    expect(JSON.stringify([...world.records.values()])).not.toContain("Anna");
    // A second request changes nothing.
    expect(await beginForget(world.parts(), ANNA, "requested")).toEqual(begun);
  });

  test("is refused for someone unknown and for someone merged", async () => {
    const world = household();
    await expect(beginForget(world.parts(), idOf("0"), "requested")).rejects.toThrow(
      `there is no person ${idOf("0")}; npx doorstep faces list`,
    );
    await expect(beginForget(world.parts(), ANNE, "requested")).rejects.toThrow(
      `${ANNE} was merged into ${ANNA}; forget that person instead`,
    );
  });

  test("waits for rows on their way before it rewrites the lake, also when it is continued", async () => {
    const world = household();
    const begun = await beginForget(world.parts(), ANNA, "requested");
    world.clock.turn(1000);
    await finishForgets(world.parts(), [begun]);
    expect(world.clock.now()).toBe(NOW_MS + 3000);
    // 60 s before the transform, the buffer after it, and a minute for the rest.
    expect(settleMs(60)).toBe(180_000);
  });

  test("says which store still holds something, and begins again there", async () => {
    const world = household();
    const parts = world.parts();
    const late = fileOf([{ seen_at_ms: NOW_MS, face_no: 0, person_id: ANNA, yaw: null }]);
    const progress = (text: string) => {
      if (text === "verifying that nothing is left") world.put(`${folder(9)}/late.parquet`, late);
    };
    await expect(forget({ ...parts, progress })).rejects.toThrow(
      "the lake still has 1 rows of the person, in 1 files; run it again",
    );
    expect(world.records.get(ANNA)).toMatchObject({ step: "lake" });
    expect(await forget(parts)).toMatchObject({ step: "done", removed: { rows: 1, files: 1 } });
  });

  test("a file that is rewritten while another person is forgotten holds neither", async () => {
    const world = household();
    const rows = [ANNA, BERT, null].map((person_id, face_no): FaceRow => ({
      seen_at_ms: NOW_MS,
      face_no,
      person_id,
      yaw: null,
    }));
    world.put(`${folder(7)}/a.parquet`, fileOf(rows));
    const parts = world.parts();
    const { write } = parts.files;
    let bert: Promise<ForgottenPerson> | undefined;
    const files = {
      ...parts.files,
      write: async (key: string, bytes: Uint8Array) => {
        bert ??= beginForget(parts, BERT, "requested");
        await bert;
        await write(key, bytes);
      },
    };
    await forget({ ...parts, files });
    // A file that was written with the old rule stays; the run for the second person finds it.
    const [done] = await finishForgets(parts, [await bert!]);
    expect(done).toMatchObject({ step: "done" });
    expect(facts(await lakeRows(world))).toEqual([rows[2]]);
    expect(world.allBytes().filter((bytes) => isOf([ANNA, BERT], bytes))).toEqual([]);
  });

  test("stops between two files when it is interrupted, and keeps what is done", async () => {
    const world = household();
    const controller = new AbortController();
    for (let hour = 0; hour < 6; hour++)
      world.put(
        `${folder(hour)}/a.parquet`,
        fileOf([{ seen_at_ms: NOW_MS + hour, face_no: 0, person_id: ANNA, yaw: null }]),
      );
    const progress = (text: string) => {
      if (text === "4 files of the lake checked") controller.abort(new Error("time is up"));
    };
    await expect(forget(world.parts({ signal: controller.signal, progress }))).rejects.toThrow("time is up");
    expect(world.records.get(ANNA)).toMatchObject({ step: "lake", lakeCursor: `${folder(3)}/a.parquet` });
    expect(await forget(world.parts())).toMatchObject({ step: "done", removed: { rows: 6, files: 6 } });
  });
});

test("the ids of a person are their own and those of all who were merged into them", () => {
  const records = [...household().records.values()];
  expect(idsOf(ANNA, records)).toEqual([ANNA, ANNE, ANN]);
  expect(idsOf(BERT, records)).toEqual([BERT]);
});

test("a person is due when the consent expires or no camera has seen them for long enough", () => {
  const retention = { knownFaceDays: 10 };
  const person = enrolled(ANNA, "Anna", { createdAtMs: NOW_MS });
  const { expiresAtMs } = person.consent;
  expect(dueReason(person, retention, NOW_MS + 10 * DAY_MS - 1)).toBeUndefined();
  expect(dueReason(person, retention, NOW_MS + 10 * DAY_MS)).toBe("not-seen");
  const seen = { ...person, lastSeenAtMs: NOW_MS + 50 * DAY_MS };
  expect(dueReason(seen, retention, NOW_MS + 61 * DAY_MS - 1)).toBeUndefined();
  expect(dueReason(seen, retention, NOW_MS + 61 * DAY_MS)).toBe("not-seen");
  expect(dueReason(seen, retention, expiresAtMs)).toBe("consent-expired");
  expect(
    dueReason({ ...seen, lastSeenAtMs: expiresAtMs - DAY_MS }, retention, expiresAtMs - 1),
  ).toBeUndefined();
});
