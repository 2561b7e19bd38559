import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { isReadOnly, remedyOf } from "../../console/statement.ts";

test("SQL that reads is known by its first word, behind comments and brackets", () => {
  for (const sql of [
    "SELECT 1",
    "  with x AS (SELECT 1) SELECT * FROM x",
    "-- a comment\n/* another;\nDROP */ (SELECT 1)",
    "VALUES 1",
    "SHOW TABLES",
    "DESCRIBE detections",
    "EXPLAIN SELECT 1",
    "EXPLAIN ANALYZE VERBOSE SELECT 1",
    "explain (TYPE IO, FORMAT JSON) SELECT 1",
  ])
    expect([sql, isReadOnly(sql)]).toEqual([sql, true]);
  for (const sql of [
    "",
    "-- SELECT 1",
    "/* SELECT 1",
    "DROP TABLE detection_records",
    "INSERT INTO x SELECT 1",
    "CREATE TABLE x AS SELECT 1",
    "UNLOAD (SELECT 1) TO 's3://elsewhere/'",
    "DELETE FROM x",
    "MSCK REPAIR TABLE x",
    "EXPLAIN ANALYZE INSERT INTO x SELECT 1",
    "EXPLAIN (FORMAT JSON) DROP TABLE x",
    "SELECTED",
  ])
    expect([sql, isReadOnly(sql)]).toEqual([sql, false]);
});

test("no text takes long to judge", () => {
  fc.assert(
    fc.property(
      fc.array(fc.constantFrom(" ", "(", "/*", "*/", "--", "\n", "EXPLAIN", "SELECT", "x")),
      (parts) => {
        expect(typeof isReadOnly(parts.join("").repeat(100))).toBe("boolean");
      },
    ),
  );
});

test("an error of Athena comes with what to do", () => {
  const cases: [string, string][] = [
    [
      "COLUMN_NOT_FOUND: line 1:8: Column 'x' cannot be resolved",
      "take a column of the list beside the editor",
    ],
    [
      "TABLE_NOT_FOUND: line 1:15: Table 'x' does not exist",
      "take a view or a table of the list beside the editor",
    ],
    [
      "Query exhausted resources at this scale factor",
      "read fewer days with a condition on dt, or aggregate before you sort or join",
    ],
    ["SYNTAX_ERROR: line 1:1: mismatched input", "correct the SQL at the marked place"],
    ["something new", "change the SQL and run it again"],
  ];
  for (const [reason, remedy] of cases) expect(remedyOf(reason)).toBe(remedy);
});
