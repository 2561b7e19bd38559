import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";

const run = promisify(execFile);
const root = fileURLToPath(new URL("../..", import.meta.url));
const { version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { version: string };

describe("the npm package of the doorstep command", () => {
  const folder = mkdtempSync(join(tmpdir(), "doorstep-package-"));
  const doorstep = join(folder, "prefix/bin/doorstep");
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  beforeAll(async () => {
    const dist = join(folder, "dist");
    await run(process.execPath, ["tools/build-cli.ts", dist], { cwd: root });
    await run("npm", ["pack", "--silent", dist], { cwd: folder });
    const tarball = join(folder, `doorstep-${version}.tgz`);
    const install = ["install", "--global", "--offline", "--no-audit", "--no-fund"];
    await run("npm", [...install, "--prefix", join(folder, "prefix"), tarball], { cwd: folder });
  });

  test("installs without any other package, and runs outside this project", async () => {
    const { stdout } = await run(process.execPath, [doorstep, "--help"], { cwd: folder });
    expect(stdout).toContain("Usage: npx doorstep <command> [flags]");
    expect(stdout).toMatch(/^ {2}upload {2}/m);
  });

  test("includes the query pack", async () => {
    const { stdout } = await run(process.execPath, [doorstep, "query"], { cwd: folder });
    expect(stdout).toMatch(/^busiest-hours +The hours of the day/m);
  });

  test("prints the project's version", async () => {
    const { stdout } = await run(process.execPath, [doorstep, "--version"], { cwd: folder });
    expect(stdout).toBe(`${version}\n`);
  });

  test("checks a file before it uploads anything, in a process of its own", async () => {
    const file = join(folder, "broken.mp4");
    writeFileSync(file, "no video at all");
    const args = [doorstep, "upload", file, "--stream", "x", "--region", "eu-west-1"];
    await expect(run(process.execPath, args, { cwd: folder })).rejects.toMatchObject({
      code: 1,
      stderr: expect.stringContaining("broken.mp4"),
    });
  });

  test("generates history in threads", async () => {
    const args = [
      doorstep,
      "generate",
      "--cameras",
      "2",
      "--days",
      "1",
      "--out",
      join(folder, "lake"),
      "--json",
    ];
    const { stdout } = await run(process.execPath, args, { cwd: folder });
    expect(JSON.parse(stdout)).toMatchObject({ cameras: 2, objects: expect.any(Number) });
  });

  test("explains how to install what RTSP needs", async () => {
    const args = [doorstep, "upload", "rtsp://127.0.0.1:1/x", "--stream", "x", "--region", "eu-west-1"];
    const failure = run(process.execPath, args, { cwd: folder });
    await expect(failure).rejects.toMatchObject({
      code: 1,
      stderr: expect.stringContaining("npm install node-av"),
    });
  });
});
