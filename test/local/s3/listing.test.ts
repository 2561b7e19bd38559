import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { compareKeys } from "../../../local/s3/key-order.ts";
import { pageOf, type Listing } from "../../../local/s3/listing.ts";

const byBytes = (one: string, other: string): number => Buffer.compare(Buffer.from(one), Buffer.from(other));

const key = fc
  .array(fc.constantFrom("a", "b", "B", "/", "-", ".", "é", "\uffee", "😀", "0"), {
    minLength: 1,
    maxLength: 6,
  })
  .map((parts) => parts.join(""));

test("keys are in the order of their UTF-8 bytes", () => {
  expect(["b", "a/b", "a-b", "a.b", "A", "\uffee", "😀", "é", "a"].toSorted(compareKeys)).toEqual([
    "A",
    "a",
    "a-b",
    "a.b",
    "a/b",
    "b",
    "é",
    "\uffee",
    "😀",
  ]);
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), fc.string({ unit: "binary" }), (one, other) => {
      expect(Math.sign(compareKeys(one, other))).toBe(Math.sign(byBytes(one, other)));
    }),
  );
});

/** Every entry of a listing, by the documentation alone: sorted, filtered, grouped. */
function entriesOf(
  keys: readonly string[],
  { prefix, delimiter, after }: Omit<Listing, "maxKeys">,
): string[] {
  const entries = keys
    .filter((one) => one.startsWith(prefix) && byBytes(one, after) > 0)
    .map((one) => {
      const rest = one.slice(prefix.length);
      const parts = delimiter === "" ? [rest] : rest.split(delimiter);
      return parts.length === 1 ? one : prefix + parts[0] + delimiter;
    })
    .filter((one) => byBytes(one, after) > 0);
  return [...new Set(entries)].toSorted(byBytes);
}

test("the pages of a listing are all its keys and groups in order, each once", () => {
  fc.assert(
    fc.property(
      fc.uniqueArray(key, { maxLength: 40 }),
      fc.record({
        prefix: fc.oneof(fc.constant(""), key),
        delimiter: fc.constantFrom("", "/", "-", "a/"),
        after: fc.oneof(fc.constant(""), key),
      }),
      fc.integer({ min: 1, max: 7 }),
      (keys, request, maxKeys) => {
        const sorted = keys.toSorted(compareKeys);
        const listed: string[] = [];
        let { after } = request;
        for (;;) {
          const start = after;
          const page = pageOf(sorted, { ...request, after, maxKeys }, (one) => (one === start ? [] : [one]));
          expect(page.entries.length).toBeLessThanOrEqual(maxKeys);
          listed.push(...page.entries.map((entry) => entry.key));
          if (!page.isTruncated) break;
          after = page.entries.at(-1)!.key;
        }
        expect(listed).toEqual(entriesOf(keys, request));
      },
    ),
    { numRuns: 1000 },
  );
});

test("a page of no keys is not truncated", () => {
  const listing = { prefix: "", delimiter: "", after: "", maxKeys: 0 };
  expect(pageOf(["a"], listing, (one) => [one])).toEqual({ entries: [], isTruncated: false });
});
