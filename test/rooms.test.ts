import { globSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "@jest/globals";

const root = fileURLToPath(new URL("..", import.meta.url));

/** What each room may import, beside itself and packages. `test` and `bench` may import everything. */
const ROOMS: Readonly<Record<string, readonly string[]>> = {
  base: [],
  schemas: ["base"],
  core: ["base", "schemas"],
  aws: ["base", "schemas"],
  engines: ["base", "core", "aws", "schemas"],
  functions: ["base", "core", "engines", "aws", "schemas"],
  resources: ["schemas"],
  uploader: ["base", "aws", "schemas"],
  operator: ["base", "aws", "core", "engines", "schemas", "uploader"],
  analysis: ["base", "core", "schemas"],
  report: ["base", "analysis", "operator", "core", "schemas"],
  cli: ["base", "aws", "analysis", "console", "core", "engines", "operator", "report", "schemas", "uploader"],
  console: ["base", "aws", "analysis", "core", "engines", "operator", "report", "schemas", "uploader"],
  local: ["base"],
  demo: [
    "base",
    "analysis",
    "aws",
    "cli",
    "console",
    "core",
    "engines",
    "local",
    "operator",
    "report",
    "schemas",
    "uploader",
  ],
  // Its programs import the package by its public entries, e.g. `doorstep/local`.
  examples: [],
  tools: ["analysis", "base", "bench", "console", "schemas", "resources", "local"],
};

/** Packages that only some rooms may use: the SDK stays at the edges, I/O stays out of the decisions. */
const BARRED: Readonly<Record<string, RegExp>> = {
  schemas: /^(node:|@aws-sdk\/)/,
  // Hashes and checksums are pure.
  core: /^(node:(?!(?:crypto|zlib)$)|@aws-sdk\/)/,
  functions: /^@aws-sdk\//,
  analysis: /^(node:|@aws-sdk\/)/,
};

/** What the console's page may import: it runs in a browser, which gets no more code than it needs. */
const PAGE_IMPORTS = /^(?:console\/page|schemas\/console|base|analysis)\//;
const PAGE_PACKAGES = /^preact(?:\/|$)/;

interface Import {
  readonly from: string;
  readonly specifier: string;
}

function importsOf(room: string): Import[] {
  const files = globSync(`${room}/**/*.{ts,tsx,js,mjs}`, { cwd: root });
  return files.flatMap((from) => {
    const text = readFileSync(join(root, from), "utf8");
    const statements = text.matchAll(
      /(?:^|\n)\s*(?:import|export)\b[^;'"]*?from\s*["']([^"']+)["']|import\(\s*["']([^"']+)["']/g,
    );
    return [...statements].map(([, named, dynamic]) => ({ from, specifier: (named ?? dynamic)! }));
  });
}

describe.each(Object.entries(ROOMS))("the room %s", (room, mayImport) => {
  const imports = importsOf(room);

  test("has files, and imports that were found", () => {
    expect(globSync(`${room}/**/*.{ts,tsx,js,mjs}`, { cwd: root }).length).toBeGreaterThan(0);
    if (ROOMS[room]!.length > 0) expect(imports.length).toBeGreaterThan(0);
  });

  test(`imports only ${[room, ...mayImport].join(", ")}`, () => {
    const strays = imports
      .filter(({ specifier }) => specifier.startsWith("."))
      .map(({ from, specifier }) => ({ from, to: relative(root, join(root, dirname(from), specifier)) }))
      .filter(({ to }) => ![room, ...mayImport].includes(to.split("/")[0]!))
      .map(({ from, to }) => `${from} imports ${to}`);
    expect(strays).toEqual([]);
  });

  test("uses only packages that its meaning allows", () => {
    const barred = BARRED[room];
    const strays = imports.filter(({ specifier }) => barred?.test(specifier));
    expect(strays).toEqual([]);
  });
});

test("the console's page imports itself, preact, pure modules and types alone", () => {
  const strays = importsOf("console/page").filter(({ from, specifier }) =>
    specifier.startsWith(".")
      ? !PAGE_IMPORTS.test(relative(root, join(root, dirname(from), specifier)))
      : !PAGE_PACKAGES.test(specifier),
  );
  expect(strays).toEqual([]);
  const files = globSync("console/page/**/*.{ts,tsx}", { cwd: root });
  const schemas = files.filter((file) =>
    /(?:^|\n)import (?!type )[^;]*?schemas\/console\//.test(readFileSync(join(root, file), "utf8")),
  );
  expect(schemas).toEqual([]);
});

test("nothing outside the console's page imports it", () => {
  const strays = Object.keys(ROOMS)
    .flatMap(importsOf)
    .filter(
      ({ from, specifier }) =>
        !from.startsWith("console/page/") && /console\/page\/|^\.\/page\//.test(specifier),
    );
  expect(strays).toEqual([]);
});

/** Reads the machine's clock, waits on it, or draws random numbers; the rooms have `base/clock.ts` and `base/random.ts` for that. */
const REAL_TIME_OR_CHANCE =
  /Date\.now\(|new Date\(\)|performance\.now\(|setTimeout\(|setInterval\(|timers\/promises|Math\.random|randomUUID|randomBytes/;

/** Code that runs where `base/` is not: in a Lambda's worker before anything is loaded, in a page, in a child process. */
const WITHOUT_BASE = /^(?:local\/lambda\/worker\.js|report\/script\.ts|console\/page\/.*)$/;

test("only base/ reads the clock, sleeps or draws random numbers", () => {
  const strays = Object.keys(ROOMS)
    .filter((room) => room !== "base")
    .flatMap((room) => globSync(`${room}/**/*.{ts,tsx,js,mjs}`, { cwd: root }))
    .filter((file) => !WITHOUT_BASE.test(file))
    .filter((file) => REAL_TIME_OR_CHANCE.test(readFileSync(join(root, file), "utf8")));
  expect(strays).toEqual([]);
});

test("decisions and schemas are pure: time, chance and environment are parameters", () => {
  const strays = ["core", "schemas", "analysis"].flatMap((room) =>
    globSync(`${room}/**/*.ts`, { cwd: root }).filter((file) =>
      /systemClock|systemRandom|randomId|secureBytes|process\.env/.test(
        readFileSync(join(root, file), "utf8"),
      ),
    ),
  );
  expect(strays).toEqual([]);
});

test("every folder with code is a room with rules, a test or a bench", () => {
  const folders = new Set(
    globSync("*/**/*.{ts,tsx,js}", { cwd: root, exclude: ["node_modules", ".*"] }).map(
      (file) => file.split("/")[0]!,
    ),
  );
  for (const outside of ["node_modules", "coverage"]) folders.delete(outside);
  expect([...folders].toSorted()).toEqual([...Object.keys(ROOMS), "bench", "test"].toSorted());
});

/** Files that import each other in a circle, types included: Tarjan's strongly connected components. */
function circles(graph: ReadonlyMap<string, readonly string[]>): string[][] {
  const found: string[][] = [];
  const order = new Map<string, number>();
  const stack: string[] = [];
  /** @returns the earliest file on the stack that this one reaches */
  const visit = (file: string): number => {
    const own = order.size;
    order.set(file, own);
    stack.push(file);
    let earliest = own;
    for (const next of graph.get(file) ?? [])
      if (!order.has(next)) earliest = Math.min(earliest, visit(next));
      else if (stack.includes(next)) earliest = Math.min(earliest, order.get(next)!);
    if (earliest === own) {
      const circle = stack.splice(stack.indexOf(file));
      if (circle.length > 1) found.push(circle.toSorted());
    }
    return earliest;
  };
  for (const file of graph.keys()) if (!order.has(file)) visit(file);
  return found;
}

test("no files import each other in a circle, types included", () => {
  const graph = new Map<string, string[]>();
  for (const { from, specifier } of Object.keys(ROOMS).flatMap(importsOf))
    if (specifier.startsWith("."))
      graph.set(from, [...(graph.get(from) ?? []), join(dirname(from), specifier)]);
  expect(graph.size).toBeGreaterThan(300);
  expect(circles(graph)).toEqual([]);
});
