import { CloudWatchLogsClient, FilterLogEventsCommand } from "@aws-sdk/client-cloudwatch-logs";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { filterPattern, PatternError } from "../../local/monitoring/filter-pattern.ts";
import { monitoring } from "../../local/monitoring/index.ts";
import { startTestCloud, type TestCloud } from "./cloud.ts";

const GROUP = "/aws/lambda/greeter";

describe("CloudWatch Logs", () => {
  let cloud: TestCloud;
  let logs: CloudWatchLogsClient;

  beforeAll(async () => {
    cloud = await startTestCloud({
      services: [monitoring],
      template: {
        Resources: {
          Quiet: { Type: "AWS::Logs::LogGroup", Properties: { LogGroupName: "/aws/lambda/quiet" } },
        },
      },
    });
    logs = cloud.client(CloudWatchLogsClient);
    for (const line of [
      '{"level":"INFO","message":"one"}',
      "plain two",
      '{"level":"ERROR","message":"three"}',
    ])
      cloud.cloud.events.emit("lambda", "log", { function: "greeter", line });
  });
  afterAll(() => cloud.stop());

  const filter = (input: {
    filterPattern?: string;
    limit?: number;
    nextToken?: string;
    startTime?: number;
  }) => logs.send(new FilterLogEventsCommand({ logGroupName: GROUP, ...input }));

  test("has what functions print, oldest first, with ids and times", async () => {
    const { events, nextToken } = await filter({});
    expect(events!.map(({ message }) => message)).toEqual([
      '{"level":"INFO","message":"one"}',
      "plain two",
      '{"level":"ERROR","message":"three"}',
    ]);
    expect(events![0]).toMatchObject({ logStreamName: "local", timestamp: expect.any(Number) });
    expect([new Set(events!.map(({ eventId }) => eventId)).size, nextToken]).toEqual([3, undefined]);
    expect((await filter({ startTime: cloud.clock.now() + 1 })).events).toEqual([]);
  });

  test("pages lines, and filters them by a pattern", async () => {
    const first = await filter({ limit: 2 });
    const second = await filter({ limit: 2, nextToken: first.nextToken! });
    expect([first.events!.length, second.events!.map(({ message }) => message), second.nextToken]).toEqual([
      2,
      ['{"level":"ERROR","message":"three"}'],
      undefined,
    ]);
    const { events } = await filter({ filterPattern: '{ $.level = "ERROR" }' });
    expect(events!.map(({ message }) => message)).toEqual(['{"level":"ERROR","message":"three"}']);
  });

  test("has a group of the template before anything is printed, and no other", async () => {
    const quiet = await logs.send(new FilterLogEventsCommand({ logGroupName: "/aws/lambda/quiet" }));
    expect(quiet.events).toEqual([]);
    await expect(logs.send(new FilterLogEventsCommand({ logGroupName: "nowhere" }))).rejects.toThrow(
      "The specified log group does not exist.",
    );
    await expect(filter({ filterPattern: "{ $.level > 3 }" })).rejects.toThrow(/Invalid filter pattern/);
  });
});

describe("a filter pattern", () => {
  const line = JSON.stringify({
    level: "ERROR",
    message: "motion started",
    error: { name: "Slow" },
    count: 3,
  });

  test.each([
    ["", true],
    ["ERROR", true],
    ["ERROR started", true],
    ["ERROR stopped", false],
    ['"motion started"', true],
    ['{ $.level = "ERROR" }', true],
    ['{ $.level != "ERROR" }', false],
    ['{ $.count = 3 && $.error.name = "Sl*" }', true],
    ['{ ($.level = "INFO") || ($.message = "motion started" && $.count = 3) }', true],
    ['{ $.missing = "x" || $.missing != "x" }', false],
  ])("%s", (pattern, isMatch) => {
    expect(filterPattern(pattern)(line)).toBe(isMatch);
    expect(filterPattern('{ $.level = "ERROR" }')("no JSON")).toBe(false);
  });

  test.each([
    "[a, b]",
    "?a ?b",
    "%a%",
    "-a",
    "{ $.a > 3 }",
    "{ $.a = 1",
    "{ ($.a = 1 }",
    "{ $.a IS NULL }",
    "{ a = 1 }",
  ])("that is not emulated is refused: %s", (pattern) => {
    expect(() => filterPattern(pattern)).toThrow(PatternError);
  });

  test("of any text is parsed or refused, and never breaks", () => {
    const part = fc.constantFrom(
      "{",
      "}",
      "(",
      ")",
      "$.a",
      "=",
      "!=",
      "&&",
      "||",
      '"x"',
      "*",
      "1",
      " ",
      "\\",
    );
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.array(part).map((parts) => parts.join("")),
        ),
        (text) => {
          try {
            expect(typeof filterPattern(text)(line)).toBe("boolean");
          } catch (error) {
            expect(error).toBeInstanceOf(PatternError);
          }
        },
      ),
    );
  });
});
