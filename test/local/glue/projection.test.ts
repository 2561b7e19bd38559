import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { DateFormat } from "../../../local/glue/projection/date-format.ts";
import { lintProjection, parseProjection, projects } from "../../../local/glue/projection/projection.ts";
import { projectionRules } from "../../../schemas/tables/column.ts";
import { LAKE_TABLES } from "../../../schemas/tables/lake-tables.ts";

const NOW_MS = Date.parse("2026-11-21T10:11:12.345Z");

/** Whether the projection of the one column `c` contains the value. */
const has = (rules: Record<string, string>, value: string, nowMs = NOW_MS): boolean => {
  const parameters = Object.fromEntries(
    Object.entries(rules).map(([rule, text]) => [`projection.c.${rule}`, text]),
  );
  const projection = parseProjection(["c"], { "projection.enabled": "true", ...parameters });
  return projects(projection!.columns.get("c")!, value, nowMs);
};

const days = { type: "date", format: "yyyy-MM-dd", range: "2026-01-31,NOW+1DAY" };

describe("a projected date", () => {
  test.each([
    ["2026-01-31", true],
    ["2026-01-30", false],
    ["2026-11-22", true],
    ["2026-11-23", false],
    ["2026-02-29", false],
    ["2026-2-1", false],
    ["20260201", false],
    ["2026-02-01 ", false],
    ["", false],
  ])("of days contains %j: %s", (value, expected) => {
    expect(has(days, value)).toBe(expected);
  });

  test.each([
    [{ ...days, interval: "7" }, "2026-02-07", true],
    [{ ...days, interval: "7" }, "2026-02-08", false],
    [{ ...days, interval: "1", "interval.unit": "MONTHS" }, "2026-02-28", true],
    [{ ...days, interval: "1", "interval.unit": "MONTHS" }, "2026-03-28", false],
    [
      { type: "date", format: "yyyy/MM/dd/HH", range: "2026/11/21/00,NOW", "interval.unit": "HOURS" },
      "2026/11/21/10",
      true,
    ],
    [
      { type: "date", format: "yyyy/MM/dd/HH", range: "2026/11/21/00,NOW", "interval.unit": "HOURS" },
      "2026/11/21/11",
      false,
    ],
    [
      { type: "date", format: "yyyyMMdd'T'HH", range: "NOW-2HOURS,NOW", "interval.unit": "HOURS" },
      "20261121T08",
      true,
    ],
    [
      { type: "date", format: "yyyyMMdd'T'HH", range: "NOW-2HOURS,NOW", "interval.unit": "HOURS" },
      "20261121T07",
      false,
    ],
    [{ type: "date", format: "yyyy-MM", range: "NOW-3YEARS,NOW" }, "2023-11", true],
    [{ type: "date", format: "yyyy-MM", range: "NOW - 3 YEARS , NOW" }, "2023-10", false],
  ])("steps from the start of its range: %j contains %s: %s", (rules, value, expected) => {
    expect(has(rules, value)).toBe(expected);
  });

  test("parses exactly what it prints", () => {
    const formats = ["yyyy-MM-dd", "yyyyMMddHHmmssSSS", "dd.MM.yyyy 'at' HH:mm", "yyyy''MM"].map(
      (text) => new DateFormat(text),
    );
    fc.assert(
      fc.property(
        fc.constantFrom(...formats),
        fc.integer({ min: 0, max: 4_102_444_800_000 }),
        (format, atMs) => {
          const text = format.print(atMs);
          expect(format.print(format.parse(text)!)).toBe(text);
          expect(format.truncate(atMs)).toBeLessThanOrEqual(atMs);
        },
      ),
    );
  });

  test("parses no arbitrary text", () => {
    const format = new DateFormat("yyyy-MM-dd");
    fc.assert(
      fc.property(fc.string(), (text) => {
        const atMs = format.parse(text);
        expect(atMs === undefined || format.print(atMs) === text).toBe(true);
      }),
    );
  });
});

describe("a projected number or name", () => {
  test.each([
    [{ type: "integer", range: "0,23", digits: "2" }, "05", true],
    [{ type: "integer", range: "0,23", digits: "2" }, "5", false],
    [{ type: "integer", range: "0,23", digits: "2" }, "23", true],
    [{ type: "integer", range: "0,23", digits: "2" }, "24", false],
    [{ type: "integer", range: "0,23", digits: "2" }, "005", false],
    [{ type: "integer", range: "0,23" }, "5", true],
    [{ type: "integer", range: "0,23" }, "05", false],
    [{ type: "integer", range: "-10,10", interval: "5" }, "-5", true],
    [{ type: "integer", range: "-10,10", interval: "5" }, "-4", false],
    [{ type: "integer", range: "0,9223372036854775807" }, "9223372036854775807", true],
    [{ type: "integer", range: "0,9" }, "x", false],
    [{ type: "enum", values: "red, green" }, "red", true],
    [{ type: "enum", values: "red, green" }, "green", false],
    [{ type: "enum", values: "red, green" }, " green", true],
    [{ type: "injected" }, "anything", true],
  ])("%j contains %j: %s", (rules, value, expected) => {
    expect(has(rules, value)).toBe(expected);
  });
});

describe("projection parameters", () => {
  const rules = (changes: Record<string, string | undefined>): Record<string, string> => {
    const all = {
      "projection.enabled": "true",
      "projection.dt.type": "date",
      "projection.dt.range": "2026-01-01,NOW",
      "projection.dt.format": "yyyy-MM-dd",
      "projection.hour.type": "integer",
      "projection.hour.range": "0,23",
      "storage.location.template": "s3://lake/t/dt=${dt}/hour=${hour}/",
      ...changes,
    };
    return Object.fromEntries(
      Object.entries(all).filter((entry): entry is [string, string] => entry[1] !== undefined),
    );
  };

  test("are ignored for a table that does not enable projection", () => {
    expect(parseProjection(["dt"], { "projection.dt.type": "nonsense" })).toBeUndefined();
    expect(parseProjection(["dt"], { "projection.enabled": "false" })).toBeUndefined();
  });

  test.each([
    [{ "projection.hour.type": undefined }, "projection.hour.type is missing"],
    [
      { "projection.hour.type": "int" },
      "projection.hour.type is int; expected enum, integer, date or injected",
    ],
    [
      { "projection.hour.range": "23,0" },
      "projection.hour.range is 23,0; expected two whole numbers, the smaller one first",
    ],
    [{ "projection.hour.digits": "0" }, "projection.hour.digits is 0; expected a whole number from 1 to 64"],
    [
      { "projection.dt.range": "2026-01-01" },
      "projection.dt.range is 2026-01-01; expected two dates, e.g. 2026-01-01,NOW+1DAY",
    ],
    [
      { "projection.dt.range": "2026-1-1,NOW" },
      "projection.dt.range has the bound 2026-1-1; expected a date like yyyy-MM-dd, or NOW, NOW+1DAY, NOW-3YEARS",
    ],
    [
      { "projection.dt.format": "YYYY-MM-dd" },
      'projection.dt.format is YYYY-MM-dd; "YYYY" is not emulated (expected yyyy, MM, dd, HH, mm, ss, SSS)',
    ],
    [
      { "projection.dt.format": "yyyy-MM-dd-HH", "projection.dt.range": "NOW,NOW" },
      "projection.dt.interval.unit is missing; only day and month formats have a default",
    ],
    [
      { "projection.dt.interval.unit": "FORTNIGHTS" },
      "projection.dt.interval.unit is FORTNIGHTS; expected one of YEARS, MONTHS, WEEKS, DAYS, HOURS, MINUTES, SECONDS",
    ],
    [
      { "storage.location.template": "s3://lake/t/dt=${dt}/hour=${hour}" },
      "storage.location.template is s3://lake/t/dt=${dt}/hour=${hour}; it must end in /",
    ],
    [
      { "storage.location.template": "s3://lake/t/dt=${dt}/" },
      "storage.location.template is s3://lake/t/dt=${dt}/; it lacks the partition column ${hour}",
    ],
    [
      { "storage.location.template": "s3://lake/${x}/${dt}/${hour}/" },
      "storage.location.template has ${x}, which is not a partition column",
    ],
    [{ "projection.day.type": "enum" }, "projection.day.type is about day, which is not a partition column"],
    [{ "projection.enabled": "yes" }, "projection.enabled is yes; expected true or false"],
  ])("are refused by name: %j", (changes, message) => {
    expect(() => parseProjection(["dt", "hour"], rules(changes))).toThrow(message);
  });
});

describe("the check of a table's projection", () => {
  const good = {
    "projection.enabled": "true",
    "projection.dt.type": "date",
    "projection.dt.range": "2026-01-01,NOW+1DAY",
    "projection.dt.format": "yyyy-MM-dd",
    "projection.hour.type": "integer",
    "projection.hour.range": "0,23",
    "projection.hour.digits": "2",
  };
  const NOW_MS = Date.UTC(2026, 10, 21);
  const keys = (hour = "string") => [
    { name: "dt", type: "string" },
    { name: "hour", type: hour },
  ];

  test("finds no problem in the lake's own tables", () => {
    for (const table of Object.values(LAKE_TABLES))
      expect(
        lintProjection(
          table.partitions.map(({ name, type }) => ({ name, type })),
          { "projection.enabled": "true", ...projectionRules(table) },
          NOW_MS,
        ),
      ).toEqual([]);
    expect(lintProjection(keys(), good, NOW_MS)).toEqual([]);
    expect(lintProjection(keys(), {}, NOW_MS)).toEqual([]);
  });

  test.each<[object, string | undefined, string]>([
    [
      { "projection.hour.digit": "2" },
      undefined,
      "projection.hour.digit is ignored; a column of type integer has projection.hour.type, projection.hour.range, projection.hour.interval, projection.hour.digits",
    ],
    [
      {},
      "int",
      "projection.hour.digits pads with zeros, which a column of type int loses; declare it as string",
    ],
    [
      { "projection.hour.digits": "two" },
      undefined,
      "projection.hour.digits is two; expected a whole number from 1 to 64",
    ],
    [
      { "projection.dt.range": "2027-01-01,NOW" },
      undefined,
      "projection.dt.range is 2027-01-01,NOW, which contains no date",
    ],
    [
      {
        "projection.dt.type": "enum",
        "projection.dt.values": "a, b",
        "projection.dt.range": undefined,
        "projection.dt.format": undefined,
      },
      undefined,
      "projection.dt.values has spaces, which are part of the values; remove them",
    ],
  ])("names what Athena would refuse or ignore: %j, hour %s", (changes, hour, problem) => {
    const parameters = Object.fromEntries(
      Object.entries({ ...good, ...changes }).filter(
        (entry): entry is [string, string] => entry[1] !== undefined,
      ),
    );
    expect(lintProjection(keys(hour), parameters, NOW_MS)).toEqual([problem]);
  });
});
