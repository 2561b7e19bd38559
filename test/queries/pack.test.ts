import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { withParameters, type SavedQuery } from "../../schemas/queries/saved-query.ts";
import { QueryLake } from "./lake.ts";
import { ANN, BEN, CARL, smallHistory } from "./small-history.ts";

// The file is JavaScript, since Serverless imports it, so it has no types.
const packFile: string = "../../resources/queries.js";
const { pack } = (await import(packFile)) as { pack: readonly SavedQuery[] };

let lake: QueryLake;
beforeAll(async () => {
  lake = await QueryLake.start();
  await lake.deliver(smallHistory);
});
afterAll(() => lake.stop());

const MONDAY_AND_TUESDAY = { from: "2026-03-02", to: "2026-03-03" };
/** When a camera moved to frames. */
const THURSDAY = { from: "2026-03-05", to: "2026-03-05" };
const image = (camera: string, session: string, file: string) =>
  `s3://evidence/${camera}/${session}/${file}.jpg`;

/** Each query's parameters and its result, worked out by hand from test/queries/small-history.ts. */
const RESULTS: Record<string, { values: Record<string, string>; rows: (string | null)[][] }[]> = {
  "alerts-if": [
    {
      values: MONDAY_AND_TUESDAY,
      rows: [
        ["deliveries", "front", "2", "2"],
        ["deliveries", "gate", "1", "1"],
        ["people", "back", "1", "1"],
        ["people", "front", "1", "1"],
        // The pet of b1, too, whose confidence is 60.
        ["pets", "back", "1", "2"],
      ],
    },
    {
      values: { ...MONDAY_AND_TUESDAY, rule: "pe%", cooldown_seconds: "60", min_confidence: "70" },
      rows: [
        ["people", "back", "1", "1"],
        ["people", "front", "1", "2"],
        ["pets", "back", "1", "1"],
      ],
    },
    {
      values: {
        ...MONDAY_AND_TUESDAY,
        rule: "deliveries",
        min_confidence: "80.5",
        cooldown_seconds: "86400",
      },
      rows: [
        ["deliveries", "front", "2", "1"],
        ["deliveries", "gate", "1", "1"],
      ],
    },
    {
      values: { ...MONDAY_AND_TUESDAY, camera: "front", rule: "deliveries", min_confidence: "99" },
      rows: [["deliveries", "front", "2", "0"]],
    },
  ],
  "alerts-per-day": [
    {
      values: MONDAY_AND_TUESDAY,
      rows: [
        ["back", "2026-03-02", "1", "0", "1", "0", "2.0"],
        ["front", "2026-03-02", "3", "2", "1", "0", "1.0"],
        ["gate", "2026-03-03", "1", "1", "0", "0", "1.0"],
      ],
    },
    { values: { from: "2026-03-03", to: "2026-03-04", camera: "b%" }, rows: [] },
  ],
  "busiest-hours": [
    {
      // Berlin is an hour ahead of UTC.
      values: { ...MONDAY_AND_TUESDAY, zone: "Europe/Berlin" },
      rows: [
        ["9", "3", "1", "30.0"],
        ["23", "2", "1", "20.0"],
        ["6", "1", "1", "10.0"],
        ["10", "1", "1", "10.0"],
        ["13", "1", "1", "10.0"],
        ["19", "1", "1", "10.0"],
        ["22", "1", "1", "10.0"],
      ],
    },
  ],
  "confidence-distribution": [
    {
      values: MONDAY_AND_TUESDAY,
      rows: [
        ["PACKAGE", "70", "1", "33.3"],
        ["PACKAGE", "80", "1", "33.3"],
        ["PACKAGE", "90", "1", "33.3"],
        ["PERSON", "80", "1", "33.3"],
        ["PERSON", "90", "2", "66.7"],
        ["PET", "60", "1", "25.0"],
        ["PET", "70", "1", "25.0"],
        ["PET", "90", "1", "25.0"],
        ["PET", null, "1", "25.0"],
      ],
    },
  ],
  "cost-per-camera-day": [
    {
      // A cent per second.
      values: { ...MONDAY_AND_TUESDAY, usd_per_minute: "0.6" },
      rows: [
        ["back", "2026-03-02", "stream-processor", "2", "0.67", "0", "0.4"],
        ["back", "2026-03-03", "stream-processor", "1", "0.5", "0", "0.3"],
        ["front", "2026-03-02", "stream-processor", "4", "1.83", "0", "1.1"],
        ["front", "2026-03-03", "stream-processor", "2", "0.0", "0", "0.0"],
        ["gate", "2026-03-03", "stream-processor", "1", "0.5", "0", "0.3"],
        ["shed", "2026-03-03", "stream-processor", "5", "2.5", "0", "1.5"],
      ],
    },
    {
      values: { ...THURSDAY, usd_per_minute: "0.6", usd_per_image: "0.02" },
      rows: [
        ["yard", "2026-03-05", "frames", "1", "0.07", "3", "0.06"],
        ["yard", "2026-03-05", "stream-processor", "1", "0.5", "0", "0.3"],
      ],
    },
  ],
  "coverage-per-day": [
    {
      values: MONDAY_AND_TUESDAY,
      rows: [
        ["back", "2026-03-02", "1", "10.0", "0.0", "0.0", "100.0", null, null],
        ["back", "2026-03-03", "1", "30.0", "20.0", "0.0", "60.0", null, null],
        ["front", "2026-03-02", "4", "110.0", "0.0", "0.0", "100.0", null, null],
        ["front", "2026-03-03", "2", "0.0", "130.0", "0.0", "0.0", null, null],
        ["gate", "2026-03-03", "1", "30.0", "0.0", "0.0", "100.0", null, null],
        ["shed", "2026-03-03", "5", "150.0", "0.0", "0.0", "100.0", null, null],
      ],
    },
    {
      values: THURSDAY,
      rows: [["yard", "2026-03-05", "2", "34.0", "10.0", "26.0", "48.6", "3", "2.0"]],
    },
  ],
  "detections-per-camera-hour": [
    {
      values: MONDAY_AND_TUESDAY,
      rows: [
        ["back", "2026-03-02", "21", "1", "0", "1", "0"],
        ["back", "2026-03-02", "22", "2", "1", "1", "0"],
        ["back", "2026-03-03", "05", "1", "0", "1", "0"],
        ["front", "2026-03-02", "08", "3", "2", "0", "1"],
        ["front", "2026-03-02", "09", "1", "0", "0", "1"],
        ["gate", "2026-03-03", "18", "1", "0", "0", "1"],
        ["shed", "2026-03-03", "12", "1", "0", "1", "0"],
      ],
    },
    {
      values: { ...MONDAY_AND_TUESDAY, to: "2026-03-02", camera: "f%" },
      rows: [
        ["front", "2026-03-02", "08", "3", "2", "0", "1"],
        ["front", "2026-03-02", "09", "1", "0", "0", "1"],
      ],
    },
  ],
  "duplicates-seen": [
    {
      values: MONDAY_AND_TUESDAY,
      rows: [
        ["alert_records", "2026-03-02", "7", "9", "2", "3"],
        ["alert_records", "2026-03-03", "3", "4", "1", "2"],
        ["detection_records", "2026-03-02", "7", "11", "4", "3"],
        ["detection_records", "2026-03-03", "3", "3", "0", "1"],
        ["face_records", "2026-03-02", "8", "10", "2", "3"],
        ["face_records", "2026-03-03", "4", "4", "0", "1"],
        ["session_records", "2026-03-02", "11", "12", "1", "2"],
        ["session_records", "2026-03-03", "19", "19", "0", "1"],
      ],
    },
  ],
  "enrolled-never-seen": [
    {
      values: { ...MONDAY_AND_TUESDAY, persons: `Ann ${ANN}, Ben ${BEN}\nCarl ${CARL} ${CARL}` },
      rows: [[CARL]],
    },
    { values: { from: "2026-03-02", to: "2026-03-02", persons: `${CARL}${BEN}` }, rows: [[BEN], [CARL]] },
    { values: { ...MONDAY_AND_TUESDAY, persons: "nobody" }, rows: [] },
  ],
  "explain-alert": [
    {
      values: { ...MONDAY_AND_TUESDAY, alert: "back-1" },
      rows: [
        ["2026-03-02 22:30:05.000", "1", "raised", "first-detection", "pets", "info", "PET", null,
          "2026-03-02 22:30:04.000", "e6", image("back", "b2", "e6-0")],
        ["2026-03-02 22:30:05.500", "2", "merged", "new-label", "people", "warning", "PERSON", "85.0",
          "2026-03-02 22:30:05.000", "e6", image("back", "b2", "e6-1")],
      ], // prettier-ignore
    },
    { values: { ...MONDAY_AND_TUESDAY, alert: "back-2" }, rows: [] },
  ],
  "faces-per-camera": [
    {
      values: MONDAY_AND_TUESDAY,
      rows: [
        ["back", "frames", "2", "2", "0", "0", "100.0", "70.0", "84.5"],
        ["front", "frames", "4", "4", "0", "0", "100.0", "70.0", "85.3"],
        ["gate", "frames", "6", "0", "5", "1", "0.0", null, null],
      ],
    },
  ],
  "first-visit-per-day": [
    {
      values: MONDAY_AND_TUESDAY,
      rows: [
        ["2026-03-02", ANN, "07:59:30", "front", "17:40:00", "3"],
        ["2026-03-03", ANN, "23:30:00", "back", "23:30:00", "1"],
        ["2026-03-03", BEN, "23:59:40", "front", "23:59:40", "1"],
      ],
    },
    {
      // Berlin is an hour ahead of UTC.
      values: { ...MONDAY_AND_TUESDAY, zone: "Europe/Berlin", person: BEN },
      rows: [["2026-03-04", BEN, "00:59:40", "front", "00:59:40", "1"]],
    },
  ],
  "footage-of-event": [
    {
      values: { ...MONDAY_AND_TUESDAY, event: "e6" },
      rows: [
        ["back", "PET", null, "2026-03-02 22:30:04.000", "1772490604000", "0", "b2",
          "2026-03-02 22:30:00.000", "2026-03-02 22:30:10.000", image("back", "b2", "e6"), image("back", "b2", "e6-0")],
        ["back", "PERSON", "85.0", "2026-03-02 22:30:05.000", "1772490605000", "0", "b2",
          "2026-03-02 22:30:00.000", "2026-03-02 22:30:10.000", image("back", "b2", "e6"), image("back", "b2", "e6-1")],
      ], // prettier-ignore
    },
    { values: { ...MONDAY_AND_TUESDAY, event: "o'clock" }, rows: [] },
  ],
  "gaps-by-reason": [
    {
      values: MONDAY_AND_TUESDAY,
      rows: [
        ["gap", "throttled", "1", "1", "100.0"],
        ["lost", "the end of the session was never reported", "1", "1", "30.0"],
        ["gap", "budget", "2", "1", "20.0"],
        ["failed", "Access denied to Role", "1", "1", "0.0"],
      ],
    },
  ],
  "label-co-occurrence": [
    {
      values: MONDAY_AND_TUESDAY,
      rows: [
        ["PACKAGE", "PERSON", "1", "33.3"],
        ["PERSON", "PACKAGE", "1", "33.3"],
        ["PERSON", "PET", "1", "33.3"],
        ["PET", "PERSON", "1", "25.0"],
      ],
    },
  ],
  "late-arrivals": [
    {
      values: MONDAY_AND_TUESDAY,
      rows: [["back", "4", "1", "25.0", "60.9", "2026-03-03 05:59:06.000"]],
    },
    { values: { ...MONDAY_AND_TUESDAY, minutes: "61" }, rows: [] },
  ],
  "longest-gaps": [
    {
      values: { ...MONDAY_AND_TUESDAY, rows: "2" },
      rows: [
        ["front", "2026-03-03 15:00:00.000", "2026-03-03 15:01:40.000", "100.0", "gap", "throttled"],
        ["front", "2026-03-03 14:00:00.000", "2026-03-03 14:00:30.000", "30.0", "lost", "the end of the session was never reported"],
      ], // prettier-ignore
    },
  ],
  "noisy-cameras": [
    {
      values: { ...MONDAY_AND_TUESDAY, min_sessions: "4" },
      rows: [
        ["shed", "5", "5.0", "1", "80.0"],
        ["front", "6", "3.0", "3", "50.0"],
      ],
    },
  ],
  "noisiest-rules": [
    {
      values: MONDAY_AND_TUESDAY,
      rows: [
        ["deliveries", "3", "1.5", "2", "0", "0", "0"],
        ["people", "1", "1.0", "1", "1", "1", "0"],
        ["pets", "1", "1.0", "1", "0", "0", "0"],
      ],
    },
  ],
  "package-dwell": [
    {
      values: MONDAY_AND_TUESDAY,
      rows: [
        ["front", "2026-03-02 08:05:10.000", "2026-03-02 09:30:01.000", "2026-03-02 10:00:00.000", "114.8"],
        ["gate", "2026-03-03 18:00:20.000", "2026-03-03 18:00:20.000", null, null],
      ],
    },
    {
      values: { from: "2026-03-03", to: "2026-03-04" },
      rows: [["gate", "2026-03-03 18:00:20.000", "2026-03-04 06:00:01.000", null, null]],
    },
  ],
  "people-without-package": [
    {
      values: MONDAY_AND_TUESDAY,
      rows: [["back", "b2", "2026-03-02 22:30:05.000", "85.0", image("back", "b2", "e6")]],
    },
    {
      values: { ...MONDAY_AND_TUESDAY, minutes: "5" },
      rows: [
        ["front", "a1", "2026-03-02 08:00:02.000", "91.0", image("front", "a1", "e1")],
        ["back", "b2", "2026-03-02 22:30:05.000", "85.0", image("back", "b2", "e6")],
      ],
    },
  ],
  "pets-at-night": [
    {
      values: { ...MONDAY_AND_TUESDAY, zone: "Europe/Berlin" },
      rows: [
        ["back", "2026-03-02 22:30:03", "60.0", "b1", image("back", "b1", "e5")],
        ["back", "2026-03-02 23:30:04", null, "b2", image("back", "b2", "e6")],
      ],
    },
    {
      values: MONDAY_AND_TUESDAY,
      rows: [
        ["back", "2026-03-02 22:30:04", null, "b2", image("back", "b2", "e6")],
        ["back", "2026-03-03 05:59:06", "100.0", "b3", image("back", "b3", "e7")],
      ],
    },
  ],
  "sessions-without-detections": [
    {
      values: MONDAY_AND_TUESDAY,
      rows: [
        ["shed", "5", "4", "80.0", "2.0"],
        ["front", "4", "1", "25.0", "0.33"],
        ["back", "3", "0", "0.0", "0.0"],
        ["gate", "1", "0", "0.0", "0.0"],
      ],
    },
  ],
  "similarity-histogram": [
    {
      values: MONDAY_AND_TUESDAY,
      rows: [
        ["90", "1", "1", "100.0"],
        ["93", "1", "1", "83.3"],
        ["95", "1", "1", "66.7"],
        ["96", "2", "1", "50.0"],
        ["99", "1", "1", "16.7"],
      ],
    },
    {
      values: { ...MONDAY_AND_TUESDAY, step: "5", to: "2026-03-04" },
      rows: [
        ["90", "3", "2", "100.0"],
        ["95", "4", "1", "57.1"],
      ],
    },
  ],
  "silent-cameras": [
    { values: { day: "2026-03-03" }, rows: [["porch", "2026-03-01 10:00:30.000", "1", "2"]] },
    { values: { day: "2026-03-03", lookback: "1" }, rows: [] },
  ],
  "suppressed-by-reason": [
    {
      values: MONDAY_AND_TUESDAY,
      rows: [
        ["confidence", "pets", "1", "1", "25.0"],
        ["cooldown", "people", "1", "1", "25.0"],
        ["label", "people", "1", "1", "25.0"],
        ["late", null, "1", "1", "25.0"],
      ],
    },
    {
      values: { ...MONDAY_AND_TUESDAY, camera: "shed" },
      rows: [["label", "people", "1", "1", "100.0"]],
    },
  ],
  "time-to-alert": [
    {
      values: MONDAY_AND_TUESDAY,
      rows: [
        ["back", "1", "1.0", "1.0", "1.0", "1.0"],
        ["front", "3", "2.0", "3.0", "3.0", "3.0"],
        ["gate", "1", "1.0", "1.0", "1.0", "1.0"],
      ],
    },
  ],
  "time-to-detection": [
    {
      values: MONDAY_AND_TUESDAY,
      rows: [
        ["stream-processor", "PACKAGE", "3", "1000", "10000", "20000", "20000", "20000"],
        ["stream-processor", "PERSON", "3", "1000", "2000", "5000", "5000", "5000"],
        ["stream-processor", "PET", "4", "3000", "4000", "8000", "8000", "8000"],
      ],
    },
    {
      values: THURSDAY,
      rows: [
        ["frames", "PERSON", "1", "3000", "3000", "3000", "3000", "3000"],
        ["frames", "PET", "1", "3000", "3000", "3000", "3000", "3000"],
        ["stream-processor", "PET", "1", "2000", "2000", "2000", "2000", "2000"],
      ],
    },
  ],
  timeline: [
    {
      values: { ...MONDAY_AND_TUESDAY, camera: "back" },
      rows: [
        ["2026-03-02 21:30:03.000", "PET", "60.0", "3000", "e5", image("back", "b1", "e5-0")],
        ["2026-03-02 22:30:04.000", "PET", null, "4000", "e6", image("back", "b2", "e6-0")],
        ["2026-03-02 22:30:05.000", "PERSON", "85.0", "5000", "e6", image("back", "b2", "e6-1")],
        ["2026-03-03 05:59:06.000", "PET", "100.0", "6000", "e7", image("back", "b3", "e7-0")],
      ],
    },
  ],
  "unknown-per-hour": [
    {
      values: MONDAY_AND_TUESDAY,
      rows: [
        ["gate", "2026-03-02", "12", "2", "4", "50.0"],
        ["gate", "2026-03-03", "18", "1", "1", "0.0"],
      ],
    },
    { values: { ...MONDAY_AND_TUESDAY, camera: "front" }, rows: [] },
  ],
  "unmatched-sessions": [
    {
      values: MONDAY_AND_TUESDAY,
      rows: [
        ["b1", "back", "engine", "completed", "30000", "2026-03-02 21:30:35.000"],
        ["l1", "front", "ledger", "lost", null, "2026-03-03 14:00:31.000"],
      ],
    },
  ],
  "unsuccessful-sessions": [
    {
      values: MONDAY_AND_TUESDAY,
      rows: [
        [
          "front",
          "2026-03-03 14:00:00.000",
          "lost",
          "the end of the session was never reported",
          "l1",
          "30",
          "stream-processor",
        ],
        [
          "front",
          "2026-03-03 13:00:00.000",
          "failed",
          "Access denied to Role",
          "f1",
          "30",
          "stream-processor",
        ],
      ],
    },
  ],
  "visits-per-week": [
    {
      values: { from: "2026-02-20", to: "2026-03-03" },
      rows: [
        ["2026-02-23", BEN, "1", "1", "1", "0.0"],
        ["2026-03-02", ANN, "4", "2", "2", "0.5"],
        ["2026-03-02", BEN, "1", "1", "1", "0.7"],
      ],
    },
  ],
  "week-over-week": [
    {
      values: { to: "2026-03-03" },
      rows: [
        ["PACKAGE", "3", "0", "3", null],
        ["PERSON", "3", "1", "2", "200.0"],
        ["PET", "4", "0", "4", null],
      ],
    },
  ],
  "who-came-when": [
    {
      values: MONDAY_AND_TUESDAY,
      rows: [
        ["2026-03-02 07:59:30", "2026-03-02 08:00:00", "front", ANN, "2", "96.5"],
        ["2026-03-02 17:30:00", "2026-03-02 17:30:00", "front", ANN, "1", "99.0"],
        ["2026-03-02 17:40:00", "2026-03-02 17:40:00", "back", ANN, "1", "93.0"],
        ["2026-03-03 23:30:00", "2026-03-03 23:30:00", "back", ANN, "1", "96.0"],
        ["2026-03-03 23:59:40", "2026-03-04 00:00:20", "front", BEN, "2", "92.0"],
      ],
    },
    {
      values: { ...MONDAY_AND_TUESDAY, zone: "Europe/Berlin", camera: "f%", person: BEN },
      rows: [["2026-03-04 00:59:40", "2026-03-04 01:00:20", "front", BEN, "2", "92.0"]],
    },
  ],
  "why-no-alert": [
    {
      values: { ...MONDAY_AND_TUESDAY, camera: "back" },
      rows: [
        ["2026-03-02 21:30:03.000", "PET", "60.0", "confidence", "pets", "2026-03-02 21:30:04.000", "e5"],
        ["2026-03-03 05:59:06.000", "PET", "100.0", "late", null, "2026-03-03 07:00:00.000", "e7"],
      ],
    },
  ],
};

describe.each(pack)("the query $name", (query) => {
  test("returns the results that were worked out by hand", async () => {
    const expected = RESULTS[query.name] ?? [];
    expect(expected.length).toBeGreaterThan(0);
    for (const { values, rows } of expected)
      expect({ values, rows: (await lake.run(withParameters(query, values))).rows }).toEqual({
        values,
        rows,
      });
  });

  test("runs unchanged, on its default days only", async () => {
    const { rows, scannedBytes } = await lake.run(query.sql);
    expect({ rows, scannedBytes }).toEqual({ rows: [], scannedBytes: 0 });
  });
});

test("has results for the queries of the pack only", () => {
  expect(Object.keys(RESULTS).toSorted()).toEqual(pack.map(({ name }) => name));
});
