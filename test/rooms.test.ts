import { globSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "@jest/globals";

const root = fileURLToPath(new URL("..", import.meta.url));

/** What each room may import, beside itself and packages. `test` and `bench` may import everything. */
const ROOMS: Readonly<Record<string, readonly string[]>> = {
  schemas: [],
  core: ["schemas"],
  aws: ["schemas"],
  functions: ["core", "aws", "schemas"],
  resources: ["schemas"],
  uploader: ["aws", "schemas"],
  cli: ["aws", "core", "report", "schemas", "uploader"],
  report: ["core", "schemas"],
  local: ["schemas"],
  demo: ["local", "uploader", "core", "aws", "schemas"],
  tools: ["schemas", "resources", "local"],
};

/** Packages that only some rooms may use: the SDK stays at the edges, I/O stays out of the decisions. */
const BARRED: Readonly<Record<string, RegExp>> = {
  schemas: /^(node:|@aws-sdk\/)/,
  core: /^(node:(?!crypto$)|@aws-sdk\/)/,
  functions: /^@aws-sdk\//,
};

interface Import {
  readonly from: string;
  readonly specifier: string;
}

function importsOf(room: string): Import[] {
  const files = globSync(`${room}/**/*.{ts,js,mjs}`, { cwd: root });
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
    expect(globSync(`${room}/**/*.{ts,js,mjs}`, { cwd: root }).length).toBeGreaterThan(0);
    expect(imports.length).toBeGreaterThan(0);
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

test("decisions and schemas ask no clock, no chance and no environment", () => {
  const asked = ["core", "schemas"].flatMap((room) =>
    globSync(`${room}/**/*.ts`, { cwd: root }).filter((file) =>
      /Date\.now|new Date\(\)|Math\.random|randomUUID|process\.env/.test(
        readFileSync(join(root, file), "utf8"),
      ),
    ),
  );
  expect(asked).toEqual([]);
});

test("the local cloud asks its own clock, never the machine's", () => {
  const asked = globSync("local/**/*.ts", { cwd: root })
    .filter((file) => !["base/clock.ts", "local/lambda/worker.ts"].includes(file))
    .filter((file) =>
      /Date\.now|new Date\(\)|setTimeout\(|setInterval\(/.test(readFileSync(join(root, file), "utf8")),
    );
  // `waitFor` gives up after real time, so that a test that waits for what never comes ends.
  expect(asked).toEqual(["local/events.ts"]);
});

test("every folder with code is a room with rules, a test or a bench", () => {
  const folders = new Set(
    globSync("*/**/*.{ts,js}", { cwd: root, exclude: ["node_modules", ".*"] }).map(
      (file) => file.split("/")[0]!,
    ),
  );
  for (const outside of ["node_modules", "coverage"]) folders.delete(outside);
  expect([...folders].toSorted()).toEqual([...Object.keys(ROOMS), "bench", "test"].toSorted());
});
