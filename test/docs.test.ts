import { globSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "@jest/globals";

const root = fileURLToPath(new URL("..", import.meta.url));
const read = (file: string): string => readFileSync(root + file, "utf8");

test("links between our own pages lead somewhere", () => {
  const pages = ["README.md", "local/README.md", ...globSync("docs/*.md", { cwd: root })];
  const broken = pages.flatMap((page) =>
    [...read(page).matchAll(/\]\((?!https?:|#)([^)#]+)/g)]
      .map(([, target]) => new URL(target!, `file://${root}${page}`))
      .filter((url) => globSync(fileURLToPath(url)).length === 0)
      .map((url) => `${page}: ${url.pathname}`),
  );
  expect(broken).toEqual([]);
});
