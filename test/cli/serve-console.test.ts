import { PassThrough } from "node:stream";
import { once } from "node:events";
import { expect, test } from "@jest/globals";
import { run } from "../../cli/run.ts";
import { ConsoleClient } from "../console/client.ts";
import { clockOfCommands } from "./cloud.ts";
import { doorstep } from "./process.ts";
import { useStack } from "./stack.ts";

useStack(() => {});

test("doorstep console serves the page for the stack that the environment names, until it is interrupted", async () => {
  const [stdout, stderr] = [new PassThrough(), new PassThrough()];
  const stop = new AbortController();
  const args = ["console", "--json", "--port", "0"];
  const running = run(args, { stdout, stderr, signal: stop.signal, clock: clockOfCommands() });
  const [line] = (await once(stdout, "data")) as [Buffer];
  const { url } = JSON.parse(line.toString("utf8")) as { url: string };
  const client = new ConsoleClient(url);
  expect((await client.get("/api/overview")).json).toMatchObject({
    stack: "doorstep-dev",
    region: "us-east-1",
    cloud: "aws",
    cameras: [],
    isLakeEmpty: true,
    isSyntheticOnly: false,
  });
  expect((await client.get("/api/chains")).json).toEqual({ chains: [] });
  expect((await client.get("/")).text).toContain("<!doctype html>");
  expect((await client.get("/assets/page.js")).status).toBe(200);
  stop.abort(new Error("interrupted by SIGINT"));
  expect(await running).toBe(0);
  await expect(client.get("/api/overview")).rejects.toThrow("ECONNREFUSED");
});

test.each(["x", "65536", "-1"])("doorstep console --port %s is refused", async (port) => {
  const { exitCode, stderr } = await doorstep(["console", "--port", port]);
  expect(exitCode).toBe(2);
  expect(stderr).toContain(`--port is ${port}; expected 0 to 65535`);
});

test("doorstep console names a stack that does not exist", async () => {
  const { exitCode, stderr } = await doorstep(["console", "--stack", "none", "--port", "0"]);
  expect(exitCode).toBe(1);
  expect(stderr).toContain("there is no stack none in us-east-1: deploy it, or name another with --stack");
});
