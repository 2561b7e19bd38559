/**
 * Each function's bundle: its size, plain and as the zip that Lambda fetches, its largest packages, and how long a new
 * process takes to import it, compared with an empty module. Times are the median of several processes.
 *
 *     node bench/bundles.bench.ts [--json]
 */
import { execFileSync } from "node:child_process";
import { globSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { zipSync } from "fflate";
import { templateFile } from "../demo/package-service.ts";
import { readTemplate } from "../local/template/template.ts";
import { bundleOf } from "./bundle.ts";
import { median, rounded } from "./figures.ts";

const PROCESSES = 7;
const TOP = 3;

/** The environment variables that the functions read when they are loaded, by the template. */
const names = Object.values(readTemplate(templateFile).Resources).flatMap(({ Properties = {} }) =>
  Object.keys((Properties["Environment"] as { Variables?: object } | undefined)?.Variables ?? {}),
);
const env = {
  ...process.env,
  AWS_REGION: "us-east-1",
  ...Object.fromEntries(names.map((name) => [name, name])),
};

const folder = mkdtempSync(join(tmpdir(), "doorstep-bundles-"));
const measure = `const startedAt = performance.now();
await import(process.argv[1]);
console.log(performance.now() - startedAt);`;

function importMs(file: string): number {
  const times = Array.from({ length: PROCESSES }, () =>
    Number(
      execFileSync(process.execPath, ["--input-type=module", "--eval", measure, file], {
        encoding: "utf8",
        env,
      }),
    ),
  );
  return median(times);
}

const kilobytes = (bytes: number) => rounded(bytes / 1000, 1);

try {
  const empty = join(folder, "empty.mjs");
  writeFileSync(empty, "export {};\n");
  const emptyMs = importMs(empty);
  const root = fileURLToPath(new URL("..", import.meta.url));
  const files = globSync("functions/[!_]*.ts", { cwd: root }).toSorted();
  const rows = [];
  for (const file of files) {
    const name = basename(file, ".ts");
    const { bytes, code, bytesOf } = await bundleOf(`functions/${name}`);
    const path = join(folder, `${name}.mjs`);
    writeFileSync(path, code);
    rows.push({
      function: name,
      kB: kilobytes(bytes),
      zipKB: kilobytes(zipSync({ [`${name}.mjs`]: code }).length),
      importMs: rounded(importMs(path) - emptyMs, 1),
      most: bytesOf
        .slice(0, TOP)
        .map(([one, size]) => `${one === "." ? "doorstep" : one} ${kilobytes(size)}`)
        .join(", "),
    });
  }
  if (process.argv.includes("--json")) console.log(JSON.stringify({ emptyMs, rows }));
  else {
    console.table(rows);
    console.log(`importMs is over that of an empty module, ${emptyMs.toFixed(1)} ms`);
  }
} finally {
  rmSync(folder, { recursive: true });
}
