import { readFileSync } from "node:fs";
import { expect, test } from "@jest/globals";
import { openApi } from "../../console/open-api.ts";

const file = new URL("../../docs/console.openapi.json", import.meta.url);

test("docs/console.openapi.json is generated from the console's routes", () => {
  expect(readFileSync(file, "utf8")).toBe(`${JSON.stringify(openApi(), null, 2)}\n`);
});
