import { existsSync, globSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "@jest/globals";
import { nextTurn, TurnableClock } from "../../base/clock.ts";
import { artifactFolder, ensurePackage, LOCK_POLL_MS, packageInputs } from "../../demo/package-service.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const inputs = new Set(packageInputs());

/** The project's files that a module of it loads, itself included. */
function modulesOf(file: string, found = new Set<string>()): Set<string> {
  if (found.has(file)) return found;
  found.add(file);
  for (const [, specifier] of readFileSync(join(root, file), "utf8").matchAll(/ from "(\.[^"]+)"/g))
    modulesOf(join(dirname(file), specifier!), found);
  return found;
}

test("a package is used again only while every file of the bundles is the same", () => {
  const maps = globSync(`${artifactFolder}/source-maps/*.map`);
  // Some bundled packages name sources of their own.
  const sources = maps.flatMap((map) =>
    (JSON.parse(readFileSync(map, "utf8")) as { sources: string[] }).sources
      .map((source) => source.replace(/^(\.\.\/)+/, ""))
      .filter((source) => !source.includes("node_modules/") && existsSync(join(root, source))),
  );
  expect(sources).toContain("functions/transform.ts");
  expect(sources.filter((source) => !inputs.has(source))).toEqual([]);
});

test("a package is used again only while every file of the plugins that make the template is the same", () => {
  const plugins = globSync("tools/*.js", { cwd: root }).flatMap((file) => [...modulesOf(file)]);
  expect(plugins).toContain("resources/rules/complete.ts");
  expect(plugins.filter((file) => !inputs.has(file))).toEqual([]);
});

test("a package is kept while a start reads it: the next start waits", async () => {
  const first = await ensurePackage();
  let isWaiting = true;
  const clock = new TurnableClock();
  const second = ensurePackage(clock).finally(() => (isWaiting = false));
  for (let poll = 0; poll < 3; poll++) {
    await nextTurn();
    clock.turn(LOCK_POLL_MS);
  }
  await nextTurn();
  expect(isWaiting).toBe(true);
  first.release();
  const { isReused, release } = await second;
  release();
  expect([first.isReused, isReused]).toEqual([true, true]);
});
