// `npm run bench`: runs benches, each in a process of its own, one after another.
import { spawn } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { format, resolveConfig } from "prettier";
import { BENCHES, benchOf, type BenchName } from "./benches.ts";
import { textOf, type BenchResult } from "./result.ts";

const RESULTS_FILE = fileURLToPath(new URL("./results.json", import.meta.url));
const NAMES = (Object.keys(BENCHES) as BenchName[]).toSorted();

const HELP = `Usage: npm run bench -- [names…] [options] [-- flags of the benches]

Runs all benches, or those that are named, one after another and each in a process of its own.

  --quick   those that need no local cloud and take seconds: ${NAMES.filter((name) => benchOf(name).isQuick).join(", ")}
  --full    the largest sizes too, which take long: ${NAMES.filter((name) => benchOf(name).fullFlags).join(", ") || "none"}
  --json    a JSON document on stdout: {"results": […]}
  --save    put the results into bench/results.json, from which \`npm run docs\` makes docs/performance.md
  --help    this text

Exit code 1: a bench failed, or a rule that it asserts did not hold. A missed goal is printed, and is no failure.

${NAMES.map((name) => `  ${name.padEnd(18)} ${BENCHES[name].what}`).join("\n")}`;

/** @throws Error that names the bench if it ended without a result */
async function run(name: BenchName, flags: readonly string[]): Promise<BenchResult> {
  const file = fileURLToPath(new URL(`./${name}.bench.ts`, import.meta.url));
  const child = spawn(process.execPath, [...(benchOf(name).nodeFlags ?? []), file, "--json", ...flags], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const ended = new Promise<number | null>((resolve) => child.once("close", resolve));
  const [printed, exitCode] = await Promise.all([text(child.stdout), ended]);
  // A packaged function's log lines may stand before it.
  const last = printed.trim().split("\n").at(-1)!;
  if (!last.startsWith("{")) throw new Error(`${name} ended with ${exitCode} and without a result`);
  return JSON.parse(last) as BenchResult;
}

/** Replaces the results of these benches in the file, and keeps the others. */
async function save(results: readonly BenchResult[]): Promise<void> {
  const before = existsSync(RESULTS_FILE)
    ? (JSON.parse(readFileSync(RESULTS_FILE, "utf8")) as { results: BenchResult[] }).results
    : [];
  const byName = new Map([...before, ...results].map((one) => [one.name, one]));
  const sorted = NAMES.flatMap((name) => byName.get(name) ?? []);
  const options = { ...(await resolveConfig(RESULTS_FILE)), parser: "json" };
  writeFileSync(RESULTS_FILE, await format(JSON.stringify({ results: sorted }, null, 2), options));
}

async function main(): Promise<void> {
  const args = process.argv.slice(2);
  const end = args.indexOf("--");
  const { values, positionals } = parseArgs({
    args: end < 0 ? args : args.slice(0, end),
    allowPositionals: true,
    options: {
      quick: { type: "boolean" },
      full: { type: "boolean" },
      json: { type: "boolean" },
      save: { type: "boolean" },
      help: { type: "boolean" },
    },
  });
  if (values.help) return console.log(HELP);
  const unknown = positionals.filter((name) => !Object.hasOwn(BENCHES, name));
  if (unknown.length > 0) throw new Error(`no bench is called ${unknown.join(", ")}; see --help`);
  const chosen = NAMES.filter((name) =>
    positionals.length > 0 || values.quick
      ? positionals.includes(name) || (values.quick && benchOf(name).isQuick)
      : true,
  );

  const results: BenchResult[] = [];
  for (const [index, name] of chosen.entries()) {
    console.error(`${index + 1} of ${chosen.length}: ${name}`);
    const flags = [
      ...((values.full && benchOf(name).fullFlags) || []),
      ...(end < 0 ? [] : args.slice(end + 1)),
    ];
    try {
      const result = await run(name, flags);
      results.push(result);
      if (!values.json) console.log(`\n${textOf(result)}\n`);
      if (result.failures.length > 0) process.exitCode = 1;
      // After each, so that a later failure loses none.
      else if (values.save) await save([result]);
    } catch (error) {
      console.error((error as Error).message);
      process.exitCode = 1;
    }
  }
  if (values.json) console.log(JSON.stringify({ results }));
}

await main().catch((error: unknown) => {
  console.error((error as Error).message);
  process.exitCode = 2;
});
