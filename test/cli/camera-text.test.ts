import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import {
  formatLabels,
  formatRegions,
  formatSchedule,
  parseLabels,
  parseRegion,
  parseRegions,
  parseSchedule,
  parseTag,
  TextError,
} from "../../cli/camera/text.ts";
import { isArmed } from "../../core/sessions/schedule.ts";
import { WEEKDAYS, type RegionOfInterest, type Schedule } from "../../schemas/camera.ts";

describe("labels", () => {
  test("are names with a minimum confidence, by default Rekognition's", () => {
    expect(parseLabels("PERSON=80,PET=50,PACKAGE")).toEqual({ PERSON: 80, PET: 50, PACKAGE: 50 });
    expect(parseLabels(" package = 99.5 , person ")).toEqual({ PACKAGE: 99.5, PERSON: 50 });
  });

  test("are PERSON, PET and PACKAGE in any letters, or names of Rekognition's list, as DetectLabels spells them", () => {
    expect(parseLabels("Car=80,potted plant,DOG,t-shirt=60,TV,LCD Screen,Children's Play Area")).toEqual({
      Car: 80,
      "Potted Plant": 50,
      Dog: 50,
      "T-Shirt": 60,
      TV: 50,
      "LCD Screen": 50,
      "Children's Play Area": 50,
    });
    expect(Object.keys(parseLabels("Person,pet"))).toEqual(["PERSON", "PET"]);
  });

  test.each([
    "",
    " , ",
    "=80",
    "Car,car",
    "Car=80=90",
    "<Car>",
    `${"Car".repeat(17)}`,
    "PERSON=",
    "PERSON=high",
    "PERSON,PERSON=60",
    "PERSON 80",
    "PERSON=80=90",
  ])("are not %j", (text) => {
    expect(() => parseLabels(text)).toThrow(TextError);
    expect(() => parseLabels(text)).toThrow(/; expected labels such as PERSON=80,PET=50,PACKAGE/);
  });

  test("are parsed as they are formatted", () => {
    const confidence = fc.double({ min: 0, max: 100, noNaN: true }).map((number) => number + 0);
    const labels = fc
      .record(
        { PERSON: confidence, PET: confidence, PACKAGE: confidence, Car: confidence, "T-Shirt": confidence },
        { requiredKeys: [] },
      )
      .filter((one) => Object.keys(one).length > 0);
    fc.assert(fc.property(labels, (one) => expect(parseLabels(formatLabels(one))).toEqual(one)));
  });
});

describe("regions of interest", () => {
  test("are boxes and polygons, several between semicolons, and none is the whole frame", () => {
    expect(parseRegion("0, 0.4, 1, 0.6")).toEqual({ box: { left: 0, top: 0.4, width: 1, height: 0.6 } });
    expect(parseRegions("0,0 1,0 0.5,1; 0,0,1,0.5")).toEqual([
      {
        polygon: [
          { x: 0, y: 0 },
          { x: 1, y: 0 },
          { x: 0.5, y: 1 },
        ],
      },
      { box: { left: 0, top: 0, width: 1, height: 0.5 } },
    ]);
    expect(parseRegions("none")).toEqual([]);
  });

  test.each(["", ";", "all", "0,0", "0,0,1", "0,0,1,x", "0,0,1,1,1", "0,0 1", "0,0 1,1,1 0,1"])(
    "are not %j",
    (text) => {
      expect(() => parseRegions(text)).toThrow(/; expected a box left,top,width,height or a polygon/);
    },
  );

  test("are parsed as they are formatted", () => {
    const share = fc.double({ min: 0, max: 1, noNaN: true }).map((number) => number + 0);
    const box = fc.record({ left: share, top: share, width: share, height: share });
    const polygon = fc.array(fc.record({ x: share, y: share }), { minLength: 3, maxLength: 10 });
    const region: fc.Arbitrary<RegionOfInterest> = fc.oneof(
      box.map((one) => ({ box: one })),
      polygon.map((one) => ({ polygon: one })),
    );
    fc.assert(
      fc.property(fc.array(region, { maxLength: 10 }), (regions) =>
        expect(parseRegions(formatRegions(regions))).toEqual(regions),
      ),
    );
  });
});

describe("a schedule", () => {
  test("is days and hours between semicolons", () => {
    expect(parseSchedule("mon-fri 18:00-24:00; sat,sun 00:00-24:00")).toEqual([
      { days: ["mon", "tue", "wed", "thu", "fri"], from: "18:00", until: "24:00" },
      { days: ["sat", "sun"], from: "00:00", until: "24:00" },
    ]);
    expect(parseSchedule("Sat-Mon,Wed  9:00-10:00".replace(" 9", " 09"))).toEqual([
      { days: ["mon", "wed", "sat", "sun"], from: "09:00", until: "10:00" },
    ]);
  });

  test("may be always or never", () => {
    expect([parseSchedule("always"), parseSchedule(" Never ")]).toEqual([undefined, []]);
  });

  test("splits a night at midnight, also at the end of the week", () => {
    expect(parseSchedule("sat,sun 22:00-06:00")).toEqual([
      { days: ["sat", "sun"], from: "22:00", until: "24:00" },
      { days: ["mon", "sun"], from: "00:00", until: "06:00" },
    ]);
    expect(parseSchedule("fri 22:00-00:00")).toEqual([{ days: ["fri"], from: "22:00", until: "24:00" }]);
  });

  test.each([
    "",
    "18:00-24:00",
    "mon",
    "mon 18:00",
    "mon-fri-sun 18:00-20:00",
    "foo 18:00-20:00",
    "mon 18-20",
    "mon 18:00-25:00",
    "mon 18:60-20:00",
    "mon 08:00-08:00",
    "mon 24:00-08:00",
    "mon 18:00-20:00, tue 18:00-20:00",
  ])("is not %j", (text) => {
    expect(() => parseSchedule(text)).toThrow(TextError);
    expect(() => parseSchedule(text)).toThrow(/; expected hours such as mon-fri 18:00-24:00/);
  });

  const minuteOfDay = fc.integer({ min: 0, max: 1440 });
  const clock = (minute: number) =>
    `${String(Math.floor(minute / 60)).padStart(2, "0")}:${String(minute % 60).padStart(2, "0")}`;
  const days = fc.subarray([...WEEKDAYS], { minLength: 1 });

  test("is parsed as it is formatted", () => {
    const hours = fc
      .tuple(days, minuteOfDay, minuteOfDay)
      .filter(([, from, until]) => from < until)
      .map(([on, from, until]) => ({ days: on, from: clock(from), until: clock(until) }));
    const schedule: fc.Arbitrary<Schedule | undefined> = fc.option(fc.array(hours, { maxLength: 8 }), {
      nil: undefined,
    });
    fc.assert(fc.property(schedule, (one) => expect(parseSchedule(formatSchedule(one))).toEqual(one)));
  });

  test("arms exactly in its hours, nights included", () => {
    // 2026-11-16 is a Monday.
    const mondayMs = Date.parse("2026-11-16T00:00:00Z");
    fc.assert(
      fc.property(
        fc.constantFrom(...WEEKDAYS),
        fc.integer({ min: 0, max: 1439 }),
        fc.integer({ min: 0, max: 1439 }),
        fc.integer({ min: 0, max: 7 * 1440 - 1 }),
        (day, from, until, minute) => {
          fc.pre(from !== until);
          const schedule = parseSchedule(`${day} ${clock(from)}-${clock(until)}`);
          const beginsAt = WEEKDAYS.indexOf(day) * 1440 + from;
          const lasts = (until - from + 1440) % 1440;
          const sinceThen = (minute - beginsAt + 7 * 1440) % (7 * 1440);
          expect(isArmed(schedule, mondayMs + minute * 60_000, "UTC")).toBe(sinceThen < lasts);
        },
      ),
    );
  });
});

test("a tag is a key and a value, which may have more equals signs", () => {
  expect([parseTag("site=north"), parseTag("a = b=c"), parseTag("site=")]).toEqual([
    ["site", "north"],
    ["a", "b=c"],
    ["site", ""],
  ]);
  for (const text of ["", "site", "=north"]) expect(() => parseTag(text)).toThrow(/expected a tag such as/);
});

test("every parser refuses invalid text with a TextError that says what was expected", () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 200 }), (text) => {
      for (const read of [parseLabels, parseRegions, parseSchedule, parseTag])
        try {
          read(text);
        } catch (error) {
          expect(error).toBeInstanceOf(TextError);
          expect((error as Error).message).toMatch(/; expected /);
        }
    }),
  );
});
