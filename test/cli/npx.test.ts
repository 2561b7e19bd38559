import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, test } from "@jest/globals";

const root = fileURLToPath(new URL("../..", import.meta.url));

test("npx doorstep works in a clone, in any of its folders, and prints nothing but its output", async () => {
  const options = { cwd: `${root}docs` };
  const run = (...args: readonly string[]) =>
    promisify(execFile)("npx", ["--no", "doorstep", ...args], options);
  const [{ stdout: version }, { stdout: json, stderr }] = [
    await run("--version"),
    await run("cost", "--cameras", "1", "--motions-per-day", "1", "--seconds", "10", "--json"),
  ];
  expect(version).toMatch(/^\d+\.\d+\.\d+\n$/);
  expect(JSON.parse(json)).toHaveProperty("fleet.cameras", 1);
  expect(json).toMatch(/^\{.*\}\n$/);
  expect(stderr).not.toContain("doorstep@");
});

test("a reader that closes its end of the output does not make a command fail", async () => {
  const child = spawn(process.execPath, ["cli/main.ts", "cost"], { cwd: root });
  child.stdout.destroy();
  let errors = "";
  child.stderr.on("data", (text: Buffer) => (errors += text.toString()));
  const [code] = (await once(child, "close")) as [number | null];
  expect([code, errors]).toEqual([0, ""]);
});
