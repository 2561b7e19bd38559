import { afterAll, beforeAll, expect, test } from "@jest/globals";
import fc from "fast-check";
import { MAX_VISIT_GAP_MS } from "../../schemas/views/visits.ts";
import type { Face } from "../../schemas/face.ts";
import { QueryLake, type Message } from "./lake.ts";
import { personOf, seen } from "./messages.ts";

let lake: QueryLake;
beforeAll(async () => {
  lake = await QueryLake.start();
});
afterAll(() => lake.stop());

const MIDNIGHT_MS = Date.parse("2026-03-10T00:00:00.000Z");
const DAYS = ["2026-03-08", "2026-03-09", "2026-03-10", "2026-03-11"];
const iso = (ms: number): string => new Date(ms).toISOString();
const sqlTime = (ms: number): string => iso(ms).slice(0, -1).replace("T", " ");

const who = fc.oneof(
  fc.record({
    personId: fc.constantFrom(personOf(1), personOf(2)),
    similarity: fc.integer({ min: 160, max: 200 }).map((half) => half / 2),
  }),
  fc.constantFrom({}, {}, { unsearchedReason: "LOW_FACE_QUALITY" }),
);

/** A face some time after the one before it, and when its copies arrive: one may say that it is somebody else's. */
const step = fc.record({
  gapMs: fc.oneof(
    fc.constantFrom(0, 1, 30_000, 59_999, 60_000, 60_001, 61_000, 3_600_000),
    fc.integer({ min: 0, max: 120_000 }),
  ),
  engine: fc.constantFrom<Face["engine"]>("frames", "face-search"),
  faceNo: fc.integer({ min: 0, max: 1 }),
  copies: fc.array(fc.record({ who, lateMs: fc.constantFrom(2000, 10_000, 60_000, 90_000_000) }), {
    minLength: 1,
    maxLength: 3,
  }),
});
/** What a camera sees around midnight. */
const camera = fc.record({
  fromMs: fc.constantFrom(-90_000_000, -3_600_000, -120_000, -60_000, -30_000, 0, 43_200_000),
  steps: fc.array(step, { maxLength: 12 }),
});

type Camera = typeof camera extends fc.Arbitrary<infer Value> ? Value : never;
interface Delivered extends Message {
  readonly body: Face;
}

/** Each message arrives at a time of its own, so that it is known which copy is the first. */
function messagesOf(cameras: readonly Camera[], run: number): Delivered[] {
  const messages: Delivered[] = [];
  for (const [index, { fromMs, steps }] of cameras.entries()) {
    let atMs = MIDNIGHT_MS + fromMs;
    for (const { gapMs, engine, faceNo, copies } of steps) {
      atMs += gapMs;
      for (const { who: face, lateMs } of copies) {
        const receivedAt = iso(atMs + lateMs + messages.length);
        messages.push(
          seen(`run-${run}-${index}`, iso(atMs), { ...face, engine, faceNo }, receivedAt) as Delivered,
        );
      }
    }
  }
  return messages;
}

/** Each fact once, by the copy that arrived first. */
function factsOf(messages: readonly Delivered[]): Face[] {
  const first = new Map<string, Face>();
  for (const { body } of messages.toSorted((a, b) => Date.parse(a.receivedAt) - Date.parse(b.receivedAt))) {
    const key = [body.cameraId, body.engine, body.seenAtMs, body.faceNo].join("/");
    if (!first.has(key)) first.set(key, body);
  }
  return [...first.values()];
}

/** Faces of each visitor, split where the gap is too long. */
function joined(facts: readonly Face[], visitorOf: (face: Face) => string): Face[][] {
  return [...Map.groupBy(facts, visitorOf).values()].flatMap((all) => {
    const visits: Face[][] = [];
    for (const face of all.toSorted((a, b) => a.seenAtMs - b.seenAtMs)) {
      const last = visits.at(-1);
      if (last && face.seenAtMs - last.at(-1)!.seenAtMs <= MAX_VISIT_GAP_MS) last.push(face);
      else visits.push([face]);
    }
    return visits;
  });
}

const commonColumns = (visit: readonly Face[]) => {
  const [firstMs, lastMs] = [visit[0]!.seenAtMs, visit.at(-1)!.seenAtMs];
  return {
    first_seen_at: sqlTime(firstMs),
    last_seen_at: sqlTime(lastMs),
    duration_ms: String(lastMs - firstMs),
    faces: String(visit.length),
    engines: `[${[...new Set(visit.map(({ engine }) => engine))].toSorted().join(", ")}]`,
    dt: iso(firstMs).slice(0, 10),
    hour: iso(firstMs).slice(11, 13),
  };
};
type Expected = Readonly<Record<string, string>>;
const visitsOf = (facts: readonly Face[]): Expected[] =>
  joined(
    facts.filter(({ personId }) => personId !== undefined),
    ({ cameraId, personId }) => `${cameraId}/${personId}`,
  ).map((visit) => ({
    camera_id: visit[0]!.cameraId,
    person_id: visit[0]!.personId!,
    best_similarity: Math.max(...visit.map(({ similarity }) => similarity!)).toFixed(1),
    ...commonColumns(visit),
  }));
const unknownVisitorsOf = (facts: readonly Face[]): Expected[] =>
  joined(
    facts.filter(
      ({ personId, unsearchedReason }) => personId === undefined && unsearchedReason === undefined,
    ),
    ({ cameraId }) => cameraId,
  ).map((visit) => ({ camera_id: visit[0]!.cameraId, ...commonColumns(visit) }));

const inOrder = (rows: readonly Expected[]): string[] =>
  rows.map((row) => JSON.stringify(Object.entries(row).toSorted(([a], [b]) => (a < b ? -1 : 1)))).toSorted();

async function rowsOf(view: string, where: string): Promise<Expected[]> {
  const { columns, rows } = await lake.run(`SELECT * FROM ${view} WHERE ${where}`);
  return rows.map((row) =>
    Object.fromEntries(columns.map((column, index) => [column, row[index] ?? "null"])),
  );
}

test("visits and unknown visitors are those of a plain model, on all days and on each of them", async () => {
  let run = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(camera, { minLength: 150, maxLength: 150 }), async (cameras) => {
      const messages = messagesOf(cameras, ++run);
      await lake.deliver(messages);
      const facts = factsOf(messages);
      const ofRun = `camera_id LIKE 'run-${run}-%'`;
      for (const [view, expected] of [
        ["visits", visitsOf(facts)],
        ["unknown_visitors", unknownVisitorsOf(facts)],
      ] as const) {
        expect(expected.length).toBeGreaterThan(50);
        const range = `dt BETWEEN '${DAYS[0]}' AND '${DAYS.at(-1)}' AND ${ofRun}`;
        expect(inOrder(await rowsOf(view, range))).toEqual(inOrder(expected));
        for (const day of DAYS)
          expect(inOrder(await rowsOf(view, `dt = '${day}' AND ${ofRun}`))).toEqual(
            inOrder(expected.filter(({ dt }) => dt === day)),
          );
      }
    }),
    { numRuns: 1, endOnFailure: true },
  );
});

test("a visit goes on until the end of the day after its first face, and begins on no other day", async () => {
  const camera = "stays";
  const minute = (index: number) => iso(Date.parse("2026-04-01T23:00:00.000Z") + index * 60_000);
  const minutes = 60 + 2 * 24 * 60;
  const ann = { personId: personOf(1), similarity: 99 };
  await lake.deliver(
    Array.from({ length: minutes }, (_, index) => seen(camera, minute(index), ann, minute(index + 1))),
  );
  expect(await rowsOf("visits", "dt BETWEEN '2026-03-31' AND '2026-04-06'")).toMatchObject([
    { first_seen_at: "2026-04-01 23:00:00.000", last_seen_at: "2026-04-02 23:59:00.000", faces: "1500" },
  ]);
});
