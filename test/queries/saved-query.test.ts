import { readFileSync } from "node:fs";
import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { queriesMarkdown } from "../../tools/docs/queries.ts";
import { readSavedQuery, withParameters, type SavedQuery } from "../../schemas/queries/saved-query.ts";

// The file is JavaScript, since Serverless imports it, so it has no types.
const packFile: string = "../../resources/queries.js";
const { pack, template } = (await import(packFile)) as {
  pack: readonly SavedQuery[];
  template: { Resources: Record<string, { Type: string; Properties: Record<string, unknown> }> };
};

const SQL = `-- How often a label was seen.
-- @param from date default current_date - INTERVAL '7' DAY: first day, UTC
-- @param rows integer default 20: how many
-- @param price number default 0.5: of each
-- @param label text required: what was seen
SELECT count(*) * /*price:*/ 0.5 /*:price*/ FROM detections
WHERE dt >= CAST(/*from:*/ current_date - INTERVAL '7' DAY /*:from*/ AS varchar)
  AND label = /*label:*/ '' /*:label*/ LIMIT /*rows:*/ 20 /*:rows*/
`;
const query = readSavedQuery("how-often", SQL);

describe("a saved query", () => {
  test("is read with its purpose and parameters", () => {
    expect(query).toEqual({
      name: "how-often",
      purpose: "How often a label was seen.",
      parameters: [
        { name: "from", type: "date", default: "current_date - INTERVAL '7' DAY", meaning: "first day, UTC" },
        { name: "rows", type: "integer", default: "20", meaning: "how many" },
        { name: "price", type: "number", default: "0.5", meaning: "of each" },
        { name: "label", type: "text", default: undefined, meaning: "what was seen" },
      ],
      sql: SQL,
    });
  });

  test("replaces defaults by values, and keeps line numbers", () => {
    expect(withParameters(query, { from: "2026-03-02", rows: "5", price: "-1.25", label: "PET" })).toBe(
      SQL.replace("/*from:*/ current_date - INTERVAL '7' DAY", "/*from:*/ DATE '2026-03-02'")
        .replace("/*rows:*/ 20", "/*rows:*/ 5")
        .replace("/*price:*/ 0.5", "/*price:*/ -1.25")
        .replace("/*label:*/ ''", "/*label:*/ 'PET'"),
    );
  });

  test.each([
    ["7d", "current_date - INTERVAL '7' DAY"],
    ["today", "current_date"],
    ["2024-02-29", "DATE '2024-02-29'"],
  ])("takes %s for a date", (value, sql) => {
    expect(withParameters(query, { label: "PET", from: value })).toContain(`/*from:*/ ${sql} /*:from*/`);
  });

  test.each([
    [{}, "how-often needs --param label=…: what was seen"],
    [{ label: "PET", lable: "PET" }, "how-often has no parameter lable; it has from, rows, price, label"],
    [{ label: "PET", from: "2026-02-30" }, "from is 2026-02-30; expected yyyy-mm-dd, today, or days ago such as 7d"],
    [{ label: "PET", from: "' OR 1=1" }, "from is ' OR 1=1; expected yyyy-mm-dd, today, or days ago such as 7d"],
    [{ label: "PET", rows: "1.5" }, "rows is 1.5; expected a whole number"],
    [{ label: "PET", price: "1e9" }, "price is 1e9; expected a number such as 0.5"],
  ])("refuses the values %j", (values, message) => {
    expect(() => withParameters(query, values)).toThrow(message);
  }); // prettier-ignore

  test("does not treat a marker within a value as its own", () => {
    const label = "/*rows:*/ 1 /*:rows*/";
    expect(withParameters(query, { label, rows: "5" })).toBe(
      SQL.replace("/*label:*/ ''", `/*label:*/ '${label}'`).replace("/*rows:*/ 20", "/*rows:*/ 5"),
    );
  });

  test("quotes any text, and changes nothing else in the SQL", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), (text) => {
        const sql = withParameters(query, { label: text });
        const [before, after] = SQL.split("/*label:*/ ''") as [string, string];
        expect(sql.startsWith(`${before}/*label:*/ '`)).toBe(true);
        expect(sql.endsWith(`'${after}`)).toBe(true);
        const literal = sql.slice(before.length + "/*label:*/ '".length, -after.length - 1);
        expect(literal.replaceAll("''", "")).not.toContain("'");
        expect(literal.replaceAll("''", "'")).toBe(text);
      }),
    );
  });

  test.each([
    ["How", SQL, "its name is not lower kebab-case"],
    ["how", "SELECT 1", "its first line is not a comment that states its purpose in a sentence"],
    ["how", "-- What.\n-- @param from day default 1: a\nSELECT 1", "is not -- @param <name> <type> default <SQL>: <meaning>"],
    ["how", "-- What.\n-- @param from date default 1: a\nSELECT 1", "nothing is marked as /*from:*/ … /*:from*/"],
    ["how", "-- What.\n-- @param a integer default 1: a\nSELECT /*a:*/ 2 /*:a*/", "a is 2 in the SQL, but by its header 1"],
    ["how", "-- What.\nSELECT /*a:*/ 2 /*:b*/", "a value does not stand between /*<name>:*/ and /*:<name>*/"],
    ["how", "-- What.\nSELECT /*a:*/ 2 /*:a*/", "a is marked in the SQL, but missing in its header"],
  ])("named %j is refused as %j", (name, sql, message) => {
    expect(() => readSavedQuery(name, sql)).toThrow(message);
  }); // prettier-ignore
});

describe("the pack", () => {
  test("has at least fifteen queries, each filtered by dt and with a purpose of one line", () => {
    expect(pack.length).toBeGreaterThanOrEqual(15);
    for (const { sql, purpose } of pack) {
      expect(sql).toMatch(/\bdt (BETWEEN|>)/);
      expect(purpose.length).toBeLessThanOrEqual(120);
    }
  });

  test("is in the template as named queries of the analysts' workgroup, text unchanged", () => {
    expect(Object.keys(template.Resources)).toHaveLength(pack.length);
    const sql = readFileSync(new URL("../../resources/queries/busiest-hours.sql", import.meta.url), "utf8");
    expect(template.Resources["BusiestHoursQuery"]).toEqual({
      Type: "AWS::Athena::NamedQuery",
      Properties: {
        Name: "busiest-hours",
        Description: "The hours of the day with the most detections, by the clock of a time zone.",
        Database: { Ref: "LakeDatabase" },
        WorkGroup: { Ref: "AnalystsWorkGroup" },
        QueryString: sql,
      },
    });
  });

  test("equals docs/queries.md; run `npm run docs` after a change", () => {
    expect(readFileSync(new URL("../../docs/queries.md", import.meta.url), "utf8")).toBe(
      queriesMarkdown(pack),
    );
  });
});
