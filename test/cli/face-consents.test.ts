import { describe, expect, test } from "@jest/globals";
import { DAY_MS, HOUR_MS } from "../../base/durations.ts";
import { consentOfFlags, keptConsent, readConsents } from "../../cli/faces/consents.ts";

const NOW = Date.parse("2026-11-30T13:00:00Z");
const TODAY = Date.parse("2026-11-30T00:00:00Z");

const flagsWith = (some: Readonly<Record<string, string | undefined>> = {}) => ({
  consent: "2026-11",
  "given-by": "the persons themselves",
  "given-on": undefined,
  expires: undefined,
  ...some,
});

describe("the consent of flags", () => {
  test("is given today and holds for 365 days by default", () => {
    expect(consentOfFlags(flagsWith(), NOW)).toEqual({
      consent: {
        givenBy: "the persons themselves",
        givenAtMs: TODAY,
        wording: "2026-11",
        expiresAtMs: TODAY + 365 * DAY_MS,
      },
      isDated: false,
      isLimited: false,
    });
  });

  test.each([
    ["2027-01-31", Date.parse("2027-01-31T00:00:00Z")],
    ["30d", Date.parse("2026-12-01T00:00:00Z")],
  ])("--expires %s is a day, or counts from the day on which it was given", (expires, expiresAtMs) => {
    const { consent } = consentOfFlags(flagsWith({ "given-on": "2026-11-01", expires }), NOW);
    expect(consent).toMatchObject({ givenAtMs: Date.parse("2026-11-01T00:00:00Z"), expiresAtMs });
  });

  test("may be given on a day that has begun in the east only", () => {
    const { consent } = consentOfFlags(flagsWith({ "given-on": "2026-12-01" }), NOW);
    expect(consent.givenAtMs).toBe(NOW);
    expect(() => consentOfFlags(flagsWith({ "given-on": "2026-12-01" }), NOW - 4 * HOUR_MS)).toThrow(
      "in the future",
    );
  });

  test.each([
    [
      { consent: undefined },
      "nobody is enrolled without consent; expected --consent with the version of the wording and --given-by, or --consents with a file",
    ],
    [{ "given-by": undefined }, "nobody is enrolled without consent"],
    [{ "given-by": " " }, "--given-by: expected who gave the consent"],
    [
      { consent: "2026-12" },
      "--consent is 2026-12; expected the version of a wording that Doorstep has (2026-11",
    ],
    [{ consent: "own:" }, "--consent is own:; expected"],
    [{ consent: "toString" }, "--consent is toString; expected"],
    [{ "given-on": "2026-12-24" }, "--given-on is 2026-12-24, which is in the future"],
    [{ "given-on": "2026-02-30" }, "--given-on is 2026-02-30; expected a day such as 2026-11-30"],
    [{ "given-on": "yesterday" }, "--given-on is yesterday; expected a day such as 2026-11-30"],
    [{ expires: "2026-11-30" }, "the consent expired on 2026-11-30 (--expires 2026-11-30); ask the person"],
    [
      { "given-on": "2025-01-01" },
      "the consent expired on 2026-01-01, 365d after it was given; ask the person",
    ],
    [{ expires: "soon" }, "--expires is soon; expected a day such as 2027-11-30, or a duration such as 365d"],
  ])("is refused with its flag: %j", (some, message) => {
    expect(() => consentOfFlags(flagsWith(some), NOW)).toThrow(message);
  });

  test("may name a wording of one's own", () => {
    expect(consentOfFlags(flagsWith({ consent: "own:2026-02" }), NOW).consent.wording).toBe("own:2026-02");
  });
});

describe("a file of consents", () => {
  const HEADER = "name,given_by,given_on,wording,expires";

  test("has a consent per name, however it is spelled", () => {
    const { byKey, problems } = readConsents(
      `${HEADER}\n"Lovelace, Ada",herself,2026-11-30,2026-11,\nZOË,her mother,2026-11-29,own:1,2027-02-01\n`,
      NOW,
    );
    expect(problems).toEqual([]);
    expect([...byKey].map(([key, { name, line, consent }]) => [key, name, line, consent.givenBy])).toEqual([
      ["lovelace, ada", "Lovelace, Ada", 2, "herself"],
      ["zoë", "ZOË", 3, "her mother"],
    ]);
  });

  test("names each row that is wrong, and reads the others", () => {
    const { byKey, problems } = readConsents(
      [
        HEADER,
        "Ada,herself,2026-11-30,2026-11,",
        "ada,herself,2026-11-30,2026-11,",
        "Bob,himself,2027-11-30,2026-11,",
        "Cid,himself,,2026-11,",
        "Dan,himself,2026-11-30,2025-01,",
        "Eve,,2026-11-30,2026-11,",
        "Fay,herself,2026-11-30,2026-11,2026-11-01",
        ",herself,2026-11-30,2026-11,",
        "Gil,himself",
      ].join("\n"),
      NOW,
    );
    expect([...byKey.keys()]).toEqual(["ada"]);
    expect(problems.map(({ reason }) => reason.replace(/;.*|, which.*| \(expires.*/, ""))).toEqual([
      "line 3: the name is on line 2 already",
      "line 4: given_on is 2027-11-30",
      "line 5: given_on is empty",
      "line 6: wording is 2025-01",
      "line 7: given_by: expected who gave the consent",
      "line 8: the consent expired on 2026-11-01",
      "line 9: name: expected a name",
      "line 10: 2 cells",
    ]);
  });

  test.each(["name,wording", "", `${HEADER},more`, `${HEADER}\n"Ada`])(
    "is refused as a whole: %j",
    (text) => {
      expect(() => readConsents(text, NOW)).toThrow(/^line \d/);
    },
  );
});

describe("a person's stored consent", () => {
  const stored = consentOfFlags(flagsWith({ "given-on": "2026-11-01" }), NOW).consent;

  test.each([
    ["the same, a day later", {}, true],
    ["the same length", { expires: "365d" }, true],
    ["the same day", { "given-on": "2026-11-01" }, true],
    ["another day", { "given-on": "2026-11-02" }, false],
    ["another expiry", { expires: "2027-06-01" }, false],
    ["another length", { expires: "30d" }, false],
    ["another wording", { consent: "own:1" }, false],
    ["somebody else", { "given-by": "her mother" }, false],
  ])("is kept when it says the same: %s", (_, some, isKept) => {
    const given = consentOfFlags(flagsWith(some), NOW + DAY_MS);
    expect(keptConsent(stored, given, NOW + DAY_MS)).toBe(isKept ? stored : undefined);
  });

  test("is not kept once it has expired", () => {
    const later = stored.expiresAtMs;
    expect(keptConsent(stored, consentOfFlags(flagsWith(), later), later)).toBeUndefined();
  });
});
