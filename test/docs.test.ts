import { globSync, readFileSync } from "node:fs";
import { basename } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "@jest/globals";

const root = fileURLToPath(new URL("..", import.meta.url));
const read = (file: string): string => readFileSync(root + file, "utf8");

test("docs/local-cloud.md lists every emulated action", () => {
  const names = globSync("local/*/actions/*.ts", { cwd: root }).map((file) =>
    basename(file, ".ts")
      .split("-")
      .map((word) => word[0]!.toUpperCase() + word.slice(1))
      .join(""),
  );
  const text = read("docs/local-cloud.md").toLowerCase();
  expect(names.length).toBeGreaterThan(25);
  expect(names.filter((name) => !text.includes(name.toLowerCase()))).toEqual([]);
});

test("links between our own pages lead somewhere", () => {
  const pages = ["README.md", ...globSync("docs/*.md", { cwd: root })];
  const broken = pages.flatMap((page) =>
    [...read(page).matchAll(/\]\((?!https?:|#)([^)#]+)/g)]
      .map(([, target]) => new URL(target!, `file://${root}${page}`))
      .filter((url) => globSync(fileURLToPath(url)).length === 0)
      .map((url) => `${page}: ${url.pathname}`),
  );
  expect(broken).toEqual([]);
});
