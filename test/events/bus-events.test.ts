import { readFileSync } from "node:fs";
import { describe, expect, test } from "@jest/globals";
import { Ajv } from "ajv";
import fc from "fast-check";
import * as v from "valibot";
import { busEvent } from "../../schemas/bus-event.ts";

const read = (name: string) =>
  JSON.parse(readFileSync(new URL(`../../events/${name}`, import.meta.url), "utf8"));

describe.each([
  ["SessionStarted", "session-started"],
  ["SessionEnded", "session-ended"],
  ["SessionFailed", "session-failed"],
  ["BudgetExhausted", "budget-exhausted"],
  ["AlertRaised", "alert-raised", "alert"],
  ["AlertUpdated", "alert-updated", "alert"],
  ["AlertEnded", "alert-ended", "alert"],
])("%s", (type, file, schema = file) => {
  const example = read(`${file}.json`);
  const validate = new Ajv({ strict: true }).compile(read(`schemas/${schema}.schema.json`));

  test("has an example that is one by its JSON Schema and by what the functions send", () => {
    expect(example).toMatchObject({ source: "doorstep", "detail-type": type });
    expect([validate(example.detail), validate.errors]).toEqual([true, null]);
    expect(v.parse(busEvent, { type, detail: example.detail })).toEqual({ type, detail: example.detail });
  });

  test("is refused by both or by neither, whatever is changed in it", () => {
    const keys = [...Object.keys(example.detail), "sessionId", "surplus"];
    const values = fc.constantFrom<unknown>(
      undefined,
      null,
      7,
      true,
      "text",
      "2026-01-02T03:04:05.678Z",
      [],
      {},
    );
    fc.assert(
      fc.property(fc.dictionary(fc.constantFrom(...keys), values, { maxKeys: 3 }), (changes) => {
        const detail = JSON.parse(JSON.stringify({ ...example.detail, ...changes }));
        expect([changes, v.is(busEvent, { type, detail })]).toEqual([changes, validate(detail)]);
      }),
    );
  });
});
