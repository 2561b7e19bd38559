// What checkov and parliament say of the compiled template, held against the list of accepted findings: a finding that is
// not in the list fails, and so does an entry of the list that is no longer found. Both programs must be on the PATH.
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

interface Accepted {
  readonly check: string;
  readonly resources: readonly string[];
  readonly reason: string;
}

interface CheckovAnswer {
  readonly results: {
    readonly failed_checks: readonly { readonly check_id: string; readonly resource: string }[];
  };
}

const [templateFile = ".serverless/cloudformation-template-update-stack.json"] = process.argv.slice(2);
const here = (name: string): string => fileURLToPath(new URL(name, import.meta.url));

function run(command: string, args: readonly string[]): string {
  const { error, status, stdout, stderr } = spawnSync(command, args, { encoding: "utf8", maxBuffer: 1e8 });
  if (error || status !== 0) throw new Error(`${command} failed: ${error?.message ?? stderr}`);
  return stdout;
}

/** A finding as `<check> <logical id>`. */
const checkov = (): string[] =>
  (
    JSON.parse(
      run("checkov", [
        "--file",
        templateFile,
        "--framework",
        "cloudformation",
        "--output",
        "json",
        "--soft-fail",
      ]),
    ) as CheckovAnswer
  ).results.failed_checks.map(({ check_id, resource }) => `${check_id} ${resource.split(".").at(-1)}`);

const parliament = (): string[] =>
  run("python3", [here("policies.py"), templateFile])
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as { issue: string; resource: string })
    .map(({ issue, resource }) => `${issue} ${resource}`);

const accepted = new Set(
  (JSON.parse(readFileSync(here("accepted-findings.json"), "utf8")) as Accepted[]).flatMap(
    ({ check, resources }) => resources.map((resource) => `${check} ${resource}`),
  ),
);
const found = new Set([...checkov(), ...parliament()]);
const unexpected = [...found.difference(accepted)];
const gone = [...accepted.difference(found)];
for (const finding of unexpected) console.error(`not accepted: ${finding}`);
for (const finding of gone) console.error(`accepted, but no longer found: ${finding}`);
if (unexpected.length + gone.length > 0) process.exitCode = 1;
else console.log(`checkov, parliament: ${found.size} findings, each accepted with its reason`);
