/**
 * Each function's bundle: its size, plain and as the zip that Lambda fetches, its largest packages, and how long a new
 * process takes to import it, compared with an empty module. Times are the median of several processes.
 *
 *     npm run bench -- bundles
 */
import { execFileSync } from "node:child_process";
import { globSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { zipSync } from "fflate";
import { ensurePackage, templateFile } from "../demo/package-service.ts";
import { readTemplate } from "../local/template/template.ts";
import { bundleOf } from "./bundle.ts";
import { median, rounded } from "./figures.ts";
import { figure, report } from "./result.ts";

const PROCESSES = 7;
const TOP = 3;

const packaged = await ensurePackage();
/** The environment variables that the functions read when they are loaded, by the template. */
const names = Object.values(readTemplate(templateFile).Resources).flatMap(({ Properties = {} }) =>
  Object.keys((Properties["Environment"] as { Variables?: object } | undefined)?.Variables ?? {}),
);
packaged.release();
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
  const figures = [figure("empty module, import", rounded(emptyMs, 1), "ms")];
  for (const file of files) {
    const name = basename(file, ".ts");
    const { bytes, code, bytesOf } = await bundleOf(`functions/${name}`);
    const path = join(folder, `${name}.mjs`);
    writeFileSync(path, code);
    const overEmptyMs = importMs(path) - emptyMs;
    const most = bytesOf
      .slice(0, TOP)
      .map(([one, size]) => `${one === "." ? "doorstep" : one} ${kilobytes(size)}`)
      .join(", ");
    figures.push(
      figure(`${name}, bundle`, kilobytes(bytes), `KB (${most})`),
      figure(`${name}, zip`, kilobytes(zipSync({ [`${name}.mjs`]: code }).length), "KB"),
      figure(`${name}, import`, rounded(overEmptyMs, 1), "ms over an empty module"),
    );
  }
  report("bundles", {
    figures,
    sameWork: `each of ${files.length} functions and the empty module was imported by ${PROCESSES} new processes`,
  });
} finally {
  rmSync(folder, { recursive: true });
}
