import { mkdirSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { dirname, join } from "node:path";
import { GetFunctionConfigurationCommand, InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { lambda } from "../../../local/lambda/index.ts";
import { startTestCloud, type TestCloud } from "../cloud.ts";
import { arnOf, functionResources, invoke, startFunctions } from "./functions.ts";

let local: TestCloud;
beforeAll(async () => {
  local = await startFunctions(
    {
      echo: `export const handler = async (event, context) => ({
        event, id: context.awsRequestId, arn: context.invokedFunctionArn, memory: context.memoryLimitInMB,
        leftMs: context.getRemainingTimeInMillis(), env: process.env, now: Date.now(), cwd: typeof process.cwd() });`,
      thrower: `export const handler = async ({ what }) => {
        if (what === "error") throw new RangeError("too far");
        if (what === "text") throw "plain";
        if (what === "circle") { const a = {}; a.a = a; return a; }
      };`,
      sleeper: `let calls = 0; export const handler = async ({ ms }) => {
        calls += 1; if (ms) console.log("asleep");
        await new Promise((resolve) => setTimeout(resolve, ms)); return calls; };`,
      greedy: `export const handler = async () => { const all = []; for (;;) all.push(new Array(100_000).fill(1.5)); };`,
      quitter: `export const handler = async ({ later }) => {
        if (!later) process.exit(3); setTimeout(() => process.exit(4), 0); return "bye"; };`,
      nameless: `export const other = 1;`,
      broken: `throw new TypeError("no start");`,
      callback: `export const handler = (event, context, callback) => callback(null, 1);`,
      talker: `export const handler = async ({ text }) => { console.log(text); console.error("to stderr"); };`,
      printer: `export const handler = ({ text }) => Promise.resolve(console.log(text));`,
      large: `export const handler = async ({ bytes }) => "x".repeat(bytes);`,
      slowStart: `await new Promise((resolve) => setTimeout(resolve, 1500)); export const handler = async () => "loaded";`,
    },
    {
      echo: {
        properties: { Timeout: 7, MemorySize: 256, Environment: { Variables: { GREETING: "hi", N: 1 } } },
      },
      sleeper: { properties: { Timeout: 5 } },
      greedy: { properties: { Timeout: 30 } },
      slowStart: { properties: { Timeout: 1 } },
    },
  );
});
afterAll(() => local.stop());

test("a function runs on when its log meets a full disk", async () => {
  const file = join(local.cloud.dataFolder, "logs", "printer.log");
  mkdirSync(dirname(file), { recursive: true });
  symlinkSync("/dev/full", file);
  expect((await invoke(local, "printer", { text: "lost" })).error).toBeUndefined();
  await local.cloud.events.waitFor(({ name, detail }) => name === "write-failed" && detail["what"] === file);
  rmSync(file);
  expect((await invoke(local, "printer", { text: "on" })).error).toBeUndefined();
});

describe("an invocation", () => {
  test("returns the handler's result", async () => {
    const { error, result, output } = await invoke(local, "echo", { a: [1, "ä"] });
    expect(error).toBeUndefined();
    expect(output).toMatchObject({ StatusCode: 200, ExecutedVersion: "$LATEST" });
    expect(result).toMatchObject({
      event: { a: [1, "ä"] },
      id: output.$metadata.requestId,
      arn: "arn:aws:lambda:us-east-1:000000000000:function:echo",
      memory: "256",
    });
    expect(result.leftMs).toBeGreaterThan(6000);
    expect(result.leftMs).toBeLessThanOrEqual(7000);
  });

  test("has its own environment, not that of the process of the local cloud", async () => {
    const { env } = (await invoke(local, "echo")).result;
    expect(env).toMatchObject({
      GREETING: "hi",
      N: "1",
      AWS_LAMBDA_FUNCTION_NAME: "echo",
      AWS_LAMBDA_FUNCTION_MEMORY_SIZE: "256",
      AWS_REGION: "us-east-1",
      AWS_ENDPOINT_URL: local.endpoint,
      AWS_ACCESS_KEY_ID: expect.stringMatching(/^ASIALOCAL/),
      AWS_SESSION_TOKEN: expect.any(String),
      LAMBDA_TASK_ROOT: expect.stringMatching(/lambda\/[0-9a-f]{16}$/),
      _HANDLER: "index.handler",
    });
    expect(
      Object.keys(env).filter((name) => ["HOME", "PATH", "PWD", "JEST_WORKER_ID"].includes(name)),
    ).toEqual([]);
    const { principal } = local.cloud.access.identify(env.AWS_ACCESS_KEY_ID, env.AWS_SESSION_TOKEN, 0);
    expect(principal.arn).toBe("arn:aws:sts::000000000000:assumed-role/echo-role/lambda");
  });

  test("sees the local cloud's time", async () => {
    const before = local.clock.now();
    local.clock.turn(86_400_000);
    const { now } = (await invoke(local, "echo")).result;
    expect(now).toBeGreaterThanOrEqual(before + 86_400_000);
    expect(now).toBeLessThanOrEqual(local.clock.now());
  });

  test.each<[unknown, object]>([
    [
      "error",
      {
        errorType: "RangeError",
        errorMessage: "too far",
        trace: expect.arrayContaining(["RangeError: too far"]),
      },
    ],
    ["text", { errorType: "string", errorMessage: "plain", trace: [] }],
    ["circle", { errorType: "TypeError", errorMessage: expect.stringContaining("circular") }],
  ])(
    "whose handler throws (%s) returns 200 with FunctionError and what was thrown",
    async (what, expected) => {
      const { error, result, output } = await invoke(local, "thrower", { what });
      expect([output.StatusCode, error]).toEqual([200, "Unhandled"]);
      expect(result).toMatchObject(expected);
    },
  );

  test("whose handler returns nothing returns null", async () => {
    expect((await invoke(local, "thrower")).result).toBeNull();
  });

  test.each([
    ["nameless", "Runtime.HandlerNotFound", "index.handler is undefined or not exported"],
    ["broken", "TypeError", "no start"],
    [
      "callback",
      "Runtime.CallbackHandlerDeprecated",
      expect.stringContaining("callback-based function handlers"),
    ],
    ["quitter", "Runtime.ExitError", "the function exited with code 3"],
    ["greedy", "Runtime.OutOfMemory", expect.stringContaining("memory")],
  ])("of %s fails as %s", async (name, errorType, errorMessage) => {
    const { error, result } = await invoke(local, name);
    expect(error).toBe("Unhandled");
    expect(result).toMatchObject({ errorType, errorMessage });
  });

  test("of more at once than there are sandboxes returns, each to its own caller", async () => {
    const events = Array.from({ length: 20 }, (_, index) => index);
    const responses = await Promise.all(events.map((index) => invoke(local, "echo", { index })));
    expect(responses.map(({ result }) => result.event.index)).toEqual(events);
  });

  test("does not count the time that its code takes to load", async () => {
    expect((await invoke(local, "slowStart")).result).toBe("loaded");
  });
});

test("a timeout ends the invocation, and the next one runs in a new sandbox", async () => {
  expect((await invoke(local, "sleeper", { ms: 0 })).result).toBe(1);
  expect((await invoke(local, "sleeper", { ms: 0 })).result).toBe(2);
  const sleeping = invoke(local, "sleeper", { ms: 60_000 });
  await local.cloud.events.waitFor(({ detail }) => detail["line"] === "asleep");
  local.clock.turn(5000);
  const slow = await sleeping;
  expect(slow.error).toBe("Unhandled");
  expect(slow.result).toEqual({
    errorType: "Sandbox.Timedout",
    errorMessage: `RequestId: ${slow.output.$metadata.requestId} Error: Task timed out after 5.00 seconds`,
  });
  expect((await invoke(local, "sleeper", { ms: 0 })).result).toBe(1);
});

test("a sandbox that dies after its response is not used again", async () => {
  expect((await invoke(local, "quitter", { later: true })).result).toBe("bye");
  await local.cloud.events.waitFor(({ detail }) => detail["line"] === "the function exited with code 4");
  expect((await invoke(local, "quitter", { later: true })).result).toBe("bye");
});

test("every whole line that a function prints is emitted and kept in its log file", async () => {
  const text = "x".repeat(200_000);
  await invoke(local, "talker", { text });
  const lines = () =>
    local.cloud.events
      .matching(({ name, detail }) => name === "log" && detail["function"] === "talker")
      .map(({ detail }) => String(detail["line"]));
  await local.cloud.events.waitFor(() => lines().length === 2);
  expect(lines().toSorted()).toEqual(["to stderr", text]);
  const file = readFileSync(join(local.cloud.dataFolder, "logs", "talker.log"), "utf8");
  expect(file.split("\n").toSorted()).toEqual(["", "to stderr", text]);
});

describe("the payload", () => {
  const send = (input: { FunctionName?: string; InvocationType?: "Event"; Payload: string }) =>
    local.client(LambdaClient).send(new InvokeCommand({ FunctionName: "echo", ...input }));
  const ofBytes = (bytes: number): string => `"${"x".repeat(bytes - 2)}"`;

  test("is at most 6 MB for a synchronous call and 1 MB for an event", async () => {
    await expect(send({ Payload: ofBytes(6 * 1024 * 1024 + 1) })).rejects.toMatchObject({
      name: "RequestTooLargeException",
      $metadata: { httpStatusCode: 413 },
    });
    await expect(send({ InvocationType: "Event", Payload: ofBytes(1024 * 1024 + 1) })).rejects.toMatchObject({
      name: "RequestTooLargeException",
      $metadata: { httpStatusCode: 413 },
    });
    expect((await send({ InvocationType: "Event", Payload: ofBytes(1024 * 1024) })).StatusCode).toBe(202);
    expect((await send({ Payload: ofBytes(6 * 1024 * 1024) })).FunctionError).toBe("Unhandled");
  });

  test("of the response is at most 6 MB", async () => {
    const { error, result } = await invoke(local, "large", { bytes: 6 * 1024 * 1024 });
    expect(error).toBe("Unhandled");
    expect(result).toEqual({
      errorType: "Function.ResponseSizeTooLarge",
      errorMessage:
        "Response payload size (6291458 bytes) exceeded maximum allowed payload size (6291456 bytes).",
    });
  });

  test("is JSON", async () => {
    await expect(send({ Payload: "{" })).rejects.toMatchObject({
      name: "InvalidRequestContentException",
      $metadata: { httpStatusCode: 400 },
    });
  });
});

describe("a function", () => {
  const invokeAs = (FunctionName: string, Qualifier?: string) =>
    local.client(LambdaClient).send(new InvokeCommand({ FunctionName, Qualifier }));

  test.each([
    "echo",
    "000000000000:function:echo",
    arnOf("echo"),
    "echo:$LATEST",
    `${arnOf("echo")}:$LATEST`,
  ])("is found as %s", async (name) => {
    expect((await invokeAs(name)).StatusCode).toBe(200);
  });

  test.each([
    ["unknown", undefined, arnOf("unknown")],
    ["echo:prod", undefined, `${arnOf("echo")}:prod`],
    ["echo", "prod", `${arnOf("echo")}:prod`],
  ])("is not found as %s with the qualifier %s", async (name, qualifier, arn) => {
    await expect(invokeAs(name, qualifier)).rejects.toMatchObject({
      name: "ResourceNotFoundException",
      message: `Function not found: ${arn}`,
      $metadata: { httpStatusCode: 404 },
    });
  });

  test("is not run by a dry run", async () => {
    const DryRun = new InvokeCommand({ FunctionName: "quitter", InvocationType: "DryRun" });
    expect((await local.client(LambdaClient).send(DryRun)).StatusCode).toBe(204);
  });

  test("describes its configuration", async () => {
    const { Timeout, MemorySize, Handler, Runtime, State } = await local
      .client(LambdaClient)
      .send(new GetFunctionConfigurationCommand({ FunctionName: "echo" }));
    expect({ Timeout, MemorySize, Handler, Runtime, State }).toEqual({
      Timeout: 7,
      MemorySize: 256,
      Handler: "index.handler",
      Runtime: "nodejs24.x",
      State: "Active",
    });
  });
});

describe("a template is refused in one line", () => {
  test("for a bundle that is missing", async () => {
    const Resources = functionResources("ghost");
    await expect(
      startTestCloud({ services: [lambda], template: { Resources }, artifactFolder: "/nowhere" }),
    ).rejects.toMatchObject({
      name: "OperatorError",
      message:
        "ghost (AWS::Lambda::Function): the bundle /nowhere/ghost.zip of the function ghost is missing; run `npm run package`",
    });
  });

  test.each<[string, Record<string, unknown>, object, string]>([
    ["another runtime", { Runtime: "python3.13" }, {}, "Runtime: "],
    ["a missing file of the handler", { Handler: "src/main.run" }, {}, "has no src/main.mjs for the handler"],
    ["too little memory", { MemorySize: 64 }, {}, "MemorySize: "],
    [
      "a role that Lambda may not assume",
      {},
      { trusts: "ec2.amazonaws.com" },
      "The role defined for the function cannot be assumed by Lambda",
    ],
  ])("for %s", async (_name, properties, options, message) => {
    await expect(
      startFunctions({ f: "export const handler = 1" }, { f: { properties, ...options } }),
    ).rejects.toThrow(
      expect.objectContaining({ name: "OperatorError", message: expect.stringContaining(message) }),
    );
  });
});
