import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { CsvError, parseCsv } from "../../cli/csv.ts";

describe("comma-separated values", () => {
  test("are rows of cells, in quotes where they have commas, quotes or line breaks", () => {
    expect(parseCsv('a,b\r\n"x, y","say ""hi"""\n"two\nlines",\n')).toEqual([
      { line: 1, cells: ["a", "b"] },
      { line: 2, cells: ["x, y", 'say "hi"'] },
      { line: 3, cells: ["two\nlines", ""] },
    ]);
  });

  test("may have a byte order mark, no line break at the end, and empty lines", () => {
    expect(parseCsv("\uFEFFa\n\n\nb,")).toEqual([
      { line: 1, cells: ["a"] },
      { line: 4, cells: ["b", ""] },
    ]);
    expect(parseCsv("")).toEqual([]);
  });

  test("count the lines of quoted cells", () => {
    expect(parseCsv('"1\n2\n3"\nfour').map(({ line }) => line)).toEqual([1, 4]);
  });

  test.each([
    ['a\nb"c', 2],
    ['"a"b', 1],
    ['x\n\n"never closed\n', 3],
  ])("with a quote out of place are refused with the line: %j", (text, line) => {
    expect(() => parseCsv(text)).toThrow(CsvError);
    expect(() => parseCsv(text)).toThrow(`line ${line}: a quote is out of place`);
  });

  test("are parsed as they are formatted", () => {
    const cell = fc.string({ unit: fc.constantFrom("a", '"', ",", "\n", "\r\n", " ", "é") });
    const rows = fc
      .integer({ min: 2, max: 4 })
      .chain((width) => fc.array(fc.array(cell, { minLength: width, maxLength: width })));
    const quoted = (text: string) => (/[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
    fc.assert(
      fc.property(rows, fc.constantFrom("\n", "\r\n"), fc.boolean(), (some, end, isEnded) => {
        const text = some.map((row) => row.map(quoted).join(",")).join(end) + (isEnded ? end : "");
        expect(parseCsv(text).map(({ cells }) => cells)).toEqual(some);
      }),
    );
  });
});
