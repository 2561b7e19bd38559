import { PassThrough } from "node:stream";
import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { resultCsv, resultObjects, resultTable } from "../../cli/query-result.ts";
import { Console } from "../../cli/console.ts";

const plain = new Console(new PassThrough(), new PassThrough(), false);
const answer = {
  columns: ["camera", "count", "uri"],
  columnTypes: ["varchar", "bigint", "varchar"],
  rows: [
    ["front-door", "12", "s3://evidence/front-door/frames/0001.jpg"],
    ["back", null, null],
  ],
};
const lines = (table: string) => table.split("\n").map((line) => line.trimEnd());

describe("the table of a result", () => {
  test("aligns numbers to the right and shows NULL", () => {
    expect(lines(resultTable(answer, plain))).toEqual([
      "camera      count  uri",
      "front-door     12  s3://evidence/front-door/frames/0001.jpg",
      "back         NULL  NULL",
    ]);
  });

  test("fits the terminal: its widest columns are cut with …", () => {
    expect(lines(resultTable(answer, plain, 40))).toEqual([
      "camera      count  uri",
      "front-door     12  s3://evidence/front-…",
      "back         NULL  NULL",
    ]);
    expect(lines(resultTable(answer, plain, 23))).toEqual([
      "camera   count  uri",
      "front-…     12  s3://e…",
      "back      NULL  NULL",
    ]);
  });

  test("is never wider than the terminal while there is room for a few characters per column", () => {
    const cell = fc.option(fc.string({ unit: "binary-ascii", maxLength: 60 }));
    fc.assert(
      fc.property(fc.array(fc.tuple(cell, cell, cell)), fc.integer({ min: 16, max: 120 }), (rows, width) => {
        for (const line of resultTable({ ...answer, rows }, plain, width).split("\n"))
          expect(line.length).toBeLessThanOrEqual(width);
      }),
      { numRuns: 50 },
    );
  });
});

test("CSV can be parsed back, whatever the cells hold", () => {
  const cell = fc.option(fc.string({ unit: fc.constantFrom("a", '"', ",", "\r", "\n", " ", "é") }));
  fc.assert(
    fc.property(fc.array(fc.tuple(cell, cell, cell), { minLength: 1 }), (rows) => {
      const text = resultCsv({ ...answer, rows }).join("\r\n");
      expect(readCsv(text).slice(1)).toEqual(rows);
    }),
  );
});

/** Reads RFC 4180 a character at a time; an empty cell without quotes is null. */
function readCsv(text: string): (string | null)[][] {
  const rows: (string | null)[][] = [[]];
  let [cell, isQuoted, isOpen] = ["", false, false];
  const end = () => {
    rows.at(-1)!.push(cell === "" && !isQuoted ? null : cell);
    [cell, isQuoted] = ["", false];
  };
  for (let index = 0; index < text.length; index++) {
    const char = text[index]!;
    if (isOpen && char === '"' && text[index + 1] === '"') [cell, index] = [`${cell}"`, index + 1];
    else if (char === '"') [isOpen, isQuoted] = [!isOpen, true];
    else if (isOpen) cell += char;
    else if (char === ",") end();
    else if (char === "\r" && text[index + 1] === "\n") {
      end();
      rows.push([]);
      index++;
    } else cell += char;
  }
  end();
  return rows;
}

test("JSON has numbers where they are exact, and a unique name for each column", () => {
  expect(
    resultObjects({
      columns: ["n", "n", "ok", "at", "price", "x", "inf"],
      columnTypes: ["bigint", "bigint", "boolean", "timestamp", "decimal(5,2)", "double", "double"],
      rows: [
        ["12", "9007199254740993", "true", "2026-03-02 10:00:00.000", "1.10", "1.5E-3", "Infinity"],
        [null, null, null, null, null, null, null],
      ],
    }),
  ).toEqual([
    {
      n: 12,
      n_2: "9007199254740993",
      ok: true,
      at: "2026-03-02 10:00:00.000",
      price: "1.10",
      x: 0.0015,
      inf: "Infinity",
    },
    { n: null, n_2: null, ok: null, at: null, price: null, x: null, inf: null },
  ]);
});
