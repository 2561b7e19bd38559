import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { normaliseDocument } from "../../core/lake/normalise.ts";
import { emitHour, hoursOf, syntheticFleet, type HistoryOptions } from "../../analysis/synthetic/history.ts";
import { labelsOf } from "../support/labels.ts";
import { rowProblems } from "../support/row-problems.ts";
import { detectionRecords, type DetectionRecord } from "../../schemas/tables/detection-records.ts";
import { faceRecords, type FaceRow } from "../../schemas/tables/face-records.ts";
import { sessionRecords, type SessionRecord } from "../../schemas/tables/session-records.ts";

const DAY_MS = 86_400_000;
/** 2026-11-02T00:00:00.000Z, a Monday. */
const UNTIL_MS = 1_793_577_600_000;

const week: HistoryOptions = {
  cameras: 40,
  fromMs: UNTIL_MS - 7 * DAY_MS,
  untilMs: UNTIL_MS,
  seed: 1,
  detectionsPerDay: 100,
  streamPrefix: "doorstep-dev-camera-",
  evidenceBucket: "evidence",
};

/** Hours in which a camera has more than a hundred motions each. */
const BUSY: HistoryOptions = {
  ...week,
  cameras: 2,
  fromMs: Date.UTC(2026, 9, 26, 6),
  untilMs: Date.UTC(2026, 9, 26, 9),
  seed: 1_279_064_736,
  detectionsPerDay: 1000,
};

interface History {
  readonly detections: DetectionRecord[];
  readonly sessions: SessionRecord[];
  readonly faces: FaceRow[];
}

function historyOf(options: HistoryOptions): History {
  const history: History = { detections: [], sessions: [], faces: [] };
  const { first, end } = hoursOf(options);
  for (const camera of syntheticFleet(options))
    for (let hour = first - 1; hour < end; hour++)
      emitHour(camera, hour, options, (table, document, arrivalMs) => {
        const context = { table, arrivalMs, cameraStreamPrefix: options.streamPrefix };
        const normalised = normaliseDocument(document, context);
        if (!normalised.ok) throw new Error(normalised.reason);
        if (normalised.table === "detection_records") history.detections.push(...labelsOf(normalised.row));
        if (normalised.table === "session_records") history.sessions.push(normalised.row);
        if (normalised.table === "face_records") history.faces.push(normalised.row);
      });
  return history;
}

const options = fc
  .record({
    cameras: fc.integer({ min: 1, max: 4 }),
    seed: fc.integer({ min: 0, max: 2 ** 32 - 1 }),
    detectionsPerDay: fc.constantFrom(0.5, 30, 1000),
    untilMs: fc.integer({ min: UNTIL_MS - 400 * DAY_MS, max: UNTIL_MS }),
    hours: fc.integer({ min: 1, max: 12 }),
  })
  .map(({ hours, ...some }): HistoryOptions => ({
    ...week,
    ...some,
    fromMs: some.untilMs - hours * 3_600_000,
  }));

describe("synthetic history", () => {
  test("has valid rows, all within the requested period", () => {
    fc.assert(
      fc.property(options, (requested) => {
        const { detections, sessions } = historyOf(requested);
        const problems = [
          ...detections.flatMap((row) => rowProblems(detectionRecords, row)),
          ...sessions.flatMap((row) => rowProblems(sessionRecords, row)),
        ];
        expect(problems).toEqual([]);
        const outside = detections.filter(
          ({ detected_at_ms: ms, received_at_ms }) =>
            ms < requested.fromMs || ms >= requested.untilMs || received_at_ms <= ms,
        );
        const reachingOut = sessions.filter(
          (row) =>
            row.session_started_at_ms! < requested.fromMs || row.session_ended_at_ms! > requested.untilMs,
        );
        expect([outside, reachingOut]).toEqual([[], []]);
        const unmarked = [...detections, ...sessions].filter(
          ({ camera_id }) => !/^generated-\d+-[a-z-]+-\d{3}$/.test(camera_id),
        );
        expect(unmarked).toEqual([]);
        expect(detections.filter(({ tags }) => tags?.["generated"] !== "true")).toEqual([]);
      }),
      { numRuns: 20 },
    );
  });

  test("has faces of synthetic persons where they are requested, and is the same but for them", () => {
    fc.assert(
      fc.property(options, (requested) => {
        const without = historyOf(requested);
        const { faces, ...others } = historyOf({ ...requested, faces: true });
        expect({ ...others, faces: [] }).toEqual(without);
        expect(faces.flatMap((row) => rowProblems(faceRecords, row))).toEqual([]);
        const ids = new RegExp(`^person-0000${requested.seed.toString(16).padStart(8, "0")}[0-9a-f]{8}$`);
        const sessionIds = new Set(others.detections.map(({ session_id }) => session_id));
        const strange = faces.filter(
          (row) =>
            !row.camera_id.startsWith("generated-") ||
            !sessionIds.has(row.session_id!) ||
            (row.person_id !== null && !ids.test(row.person_id)) ||
            (row.person_id === null) !== (row.similarity === null) ||
            (row.unsearched_reason !== null && row.person_id !== null) ||
            row.seen_at_ms < requested.fromMs ||
            row.received_at_ms <= row.seen_at_ms,
        );
        expect(strange).toEqual([]);
      }),
      { numRuns: 20 },
    );
  });

  test("has recognised, unknown and unsearched faces, several persons to a house", () => {
    const { faces } = historyOf({ ...week, cameras: 8, faces: true });
    const persons = new Set(faces.flatMap(({ person_id }) => person_id ?? []));
    const unknown = faces.filter((row) => row.person_id === null && row.unsearched_reason === null);
    const unsearched = faces.filter((row) => row.unsearched_reason !== null);
    expect(persons.size).toBe(6);
    expect(unknown.length / faces.length).toBeCloseTo(0.23, 1);
    expect(unsearched.length / faces.length).toBeCloseTo(0.08, 1);
  });

  test("has every detection within its session's video, and each label of a session once", () => {
    fc.assert(
      fc.property(options, (requested) => {
        const { detections, sessions } = historyOf(requested);
        const ended = new Map(
          sessions.filter(({ source }) => source === "ledger").map((row) => [row.session_id, row]),
        );
        const astray = detections.filter((row) => {
          const session = ended.get(row.session_id);
          return (
            !session ||
            row.session_started_at_ms !== session.session_started_at_ms ||
            row.detected_at_ms < session.session_started_at_ms! ||
            row.detected_at_ms >= session.session_ended_at_ms!
          );
        });
        expect(astray).toEqual([]);
        const labels = new Set(detections.map(({ session_id, label }) => `${session_id} ${label}`));
        const facts = new Set(detections.map(({ event_id, label_id }) => `${event_id} ${label_id}`));
        expect(facts.size).toBe(labels.size);
      }),
      { numRuns: 20 },
    );
  });

  test("has a ledger whose intervals never overlap", () => {
    fc.assert(
      fc.property(options, (requested) => {
        const entries = new Map(
          historyOf(requested)
            .sessions.filter(({ source }) => source === "ledger")
            .map((row) => [row.event_id, row]),
        );
        const endsMs = new Map<string, number>();
        const overlapping = [...entries.values()]
          .toSorted(
            (a, b) =>
              a.session_started_at_ms! - b.session_started_at_ms! ||
              a.session_ended_at_ms! - b.session_ended_at_ms!,
          )
          .filter((row) => {
            const endMs = endsMs.get(row.camera_id) ?? 0;
            endsMs.set(row.camera_id, row.session_ended_at_ms!);
            return row.session_started_at_ms! < endMs;
          });
        expect(overlapping).toEqual([]);
      }),
      { numRuns: 20 },
    );
  });

  test("has a different id for every entry of the ledger, even of a busy camera", () => {
    fc.assert(
      fc.property(options, (requested) => {
        const beginnings = new Map<string, Set<number | null>>();
        for (const { source, event_id, session_started_at_ms } of historyOf(requested).sessions)
          if (source === "ledger")
            beginnings.set(event_id, (beginnings.get(event_id) ?? new Set()).add(session_started_at_ms));
        expect([...beginnings].filter(([, starts]) => starts.size > 1)).toEqual([]);
      }),
      { numRuns: 20, examples: [[BUSY]] },
    );
  });

  test("has chains of completed sessions without gaps", () => {
    fc.assert(
      fc.property(options, (requested) => {
        const entries = [
          ...new Map(
            historyOf(requested)
              .sessions.filter(({ source }) => source === "ledger")
              .map((row) => [row.event_id, row]),
          ).values(),
        ];
        const chainsByEnd = new Map(
          entries
            .filter(({ outcome }) => outcome === "completed")
            .map((row) => [`${row.camera_id} ${row.session_ended_at_ms}`, row.chain_started_at_ms]),
        );
        const astray = entries.filter((row) => {
          const { camera_id, outcome, session_started_at_ms, chain_started_at_ms } = row;
          if (outcome === "gap") return chain_started_at_ms !== null;
          const before = chainsByEnd.get(`${camera_id} ${session_started_at_ms}`);
          return chain_started_at_ms !== (before ?? session_started_at_ms);
        });
        expect(astray).toEqual([]);
      }),
      { numRuns: 20 },
    );
  });

  test("is the same for the same seed, and different for another", () => {
    fc.assert(
      fc.property(options, (requested) => {
        const history = historyOf(requested);
        expect(JSON.stringify(historyOf({ ...requested })) === JSON.stringify(history)).toBe(true);
        const other = historyOf({ ...requested, seed: (requested.seed ^ 1) >>> 0 });
        if (history.sessions.length > 0)
          expect(JSON.stringify(other) === JSON.stringify(history)).toBe(false);
      }),
      { numRuns: 8 },
    );
  });
});

describe("a week of 40 cameras", () => {
  const { detections, sessions } = historyOf(week);
  const count = (rows: readonly { outcome?: string }[], outcome: string) =>
    rows.filter((row) => row.outcome === outcome).length;
  const hourOf = (ms: number) => new Date(ms).getUTCHours();

  test("has about as many detections as requested", () => {
    const perDay = detections.length / 40 / 7;
    expect(perDay).toBeGreaterThan(80);
    expect(perDay).toBeLessThan(120);
  });

  test("has sessions without detections", () => {
    const seen = new Set(detections.map(({ session_id }) => session_id));
    const engine = sessions.filter(({ source }) => source === "engine");
    const silent = engine.filter(({ session_id }) => !seen.has(session_id!)).length / engine.length;
    expect(silent).toBeGreaterThan(0.2);
    expect(silent).toBeLessThan(0.7);
  });

  test("has gaps with reasons, failed and lost sessions, far fewer than completed ones", () => {
    const ledger = sessions.filter(({ source }) => source === "ledger");
    const reasons = new Set(ledger.filter(({ outcome }) => outcome === "gap").map(({ reason }) => reason));
    expect(reasons).toEqual(new Set(["budget", "no-video", "session-failed", "throttled"]));
    for (const outcome of ["failed", "lost", "gap"]) expect(count(ledger, outcome)).toBeGreaterThan(0);
    expect(count(ledger, "completed") / ledger.length).toBeGreaterThan(0.9);
  });

  test("has a few duplicates and a few late arrivals", () => {
    const facts = new Set(detections.map(({ event_id, label_id }) => `${event_id} ${label_id}`));
    const twice = 1 - facts.size / detections.length;
    expect(twice).toBeGreaterThan(0);
    expect(twice).toBeLessThan(0.01);
    const late = detections.filter((row) => row.received_at_ms - row.detected_at_ms > 60_000).length;
    expect(late).toBeGreaterThan(0);
    expect(late / detections.length).toBeLessThan(0.02);
  });

  test("has people by day and pets by night", () => {
    const byDay = (label: string) => {
      const hours = detections.filter((row) => row.label === label).map((row) => hourOf(row.detected_at_ms));
      return hours.filter((hour) => hour >= 7 && hour < 21).length / hours.length;
    };
    expect(byDay("PERSON")).toBeGreaterThan(0.75);
    expect(byDay("PET")).toBeLessThan(0.55);
  });

  test("has a person before the first detection of each day's package", () => {
    const first = new Map<string, DetectionRecord>();
    for (const row of detections.toSorted((a, b) => a.detected_at_ms - b.detected_at_ms)) {
      const key = `${row.camera_id} ${row.detected_at.slice(0, 10)}`;
      if (row.label === "PACKAGE" && !first.has(key)) first.set(key, row);
    }
    expect(first.size).toBeGreaterThan(5);
    const withPerson = [...first.values()].filter((found) =>
      detections.some(
        (row) =>
          row.label === "PERSON" &&
          row.camera_id === found.camera_id &&
          row.detected_at_ms <= found.detected_at_ms &&
          row.detected_at_ms > found.detected_at_ms - 60_000,
      ),
    );
    // If the delivery's session failed or ended too early, its package is detected later.
    expect(withPerson.length / first.size).toBeGreaterThan(0.7);
  });

  test("has high confidence mostly, and never below 50", () => {
    const sure = detections.flatMap(({ confidence }) => (confidence === null ? [] : [confidence]));
    expect(Math.min(...sure)).toBeGreaterThanOrEqual(50);
    expect(Math.max(...sure)).toBeLessThanOrEqual(99.9);
    const share = sure.filter((confidence) => confidence > 80).length / sure.length;
    expect(share).toBeGreaterThan(0.6);
    expect(share).toBeLessThan(0.95);
  });
});
