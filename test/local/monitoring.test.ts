import {
  CloudWatchClient,
  GetMetricDataCommand,
  GetMetricStatisticsCommand,
  ListMetricsCommand,
} from "@aws-sdk/client-cloudwatch";
import { InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { embeddedMetrics } from "../../local/monitoring/embedded-metrics.ts";
import { lambda } from "../../local/lambda/index.ts";
import { monitoring } from "../../local/monitoring/index.ts";
import { MonitoringState } from "../../local/monitoring/state.ts";
import { startTestCloud, type TestCloud } from "./cloud.ts";
import { functionResources, writeBundles } from "./lambda/functions.ts";

const LINE = {
  _aws: {
    Timestamp: 1_763_726_400_000,
    CloudWatchMetrics: [
      {
        Namespace: "Doorstep",
        Dimensions: [["stack"], ["stack", "table"]],
        Metrics: [{ Name: "Rows", Unit: "Count" }, { Name: "Missing" }],
      },
    ],
  },
  stack: "dev",
  table: "t",
  Rows: [1, 2],
};

describe("a log line in embedded metric format", () => {
  test("contains each value once for each set of dimensions, and nothing for a metric without a value", () => {
    expect(
      embeddedMetrics(JSON.stringify(LINE)).map(({ name, dimensions, value }) => [name, dimensions, value]),
    ).toEqual([
      ["Rows", { stack: "dev" }, 1],
      ["Rows", { stack: "dev" }, 2],
      ["Rows", { stack: "dev", table: "t" }, 1],
      ["Rows", { stack: "dev", table: "t" }, 2],
    ]);
  });

  test("differs from any other line, which yields no metric and no error", () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.json(),
          fc.json().map((text) => `{"_aws":${text}}`),
        ),
        (line) => {
          for (const { value } of embeddedMetrics(line)) expect(typeof value).toBe("number");
        },
      ),
    );
    expect(embeddedMetrics('{"_aws":{"Timestamp":1}}')).toEqual([]);
  });
});

test("metrics are stored for a day of minutes, up to a limit", () => {
  const state = new MonitoringState();
  const key = { namespace: "n", name: "m", dimensions: {} };
  for (let minute = 0; minute < 1500; minute++)
    state.add({ ...key, unit: "Count", value: 1, atMs: minute * 60_000 });
  expect([...state.periods(key, 86_400_000, 0, 1e12).values()].map(({ Sum }) => Sum)).toEqual([1380, 60]);
  for (let index = 0; index < 2100; index++)
    state.add({ ...key, name: `m${index}`, unit: "Count", value: 1, atMs: 0 });
  expect(state.list()).toHaveLength(2000);
  expect(state.list()[0]!.name).toBe("m100");
});

describe("CloudWatch", () => {
  let local: TestCloud;
  let remove: () => void;
  let cloudwatch: CloudWatchClient;
  beforeAll(async () => {
    const bundles = writeBundles({
      printer: `export const handler = async ({ lines, error }) => {
        for (const line of lines) process.stdout.write(JSON.stringify(line) + "\\n");
        if (error) throw new Error(error);
      };`,
    });
    remove = bundles.remove;
    local = await startTestCloud({
      services: [monitoring, lambda],
      template: { Resources: functionResources("printer") },
      artifactFolder: bundles.folder,
    });
    cloudwatch = local.client(CloudWatchClient);
  });
  afterAll(async () => {
    await local.stop();
    remove();
  });

  const call = (payload: object) =>
    local
      .client(LambdaClient)
      .send(new InvokeCommand({ FunctionName: "printer", Payload: JSON.stringify(payload) }));
  const lastHour = () => ({
    StartTime: new Date(local.clock.now() - 3_600_000),
    EndTime: new Date(local.clock.now() + 60_000),
  });
  const ofPrinter = (MetricName: string) => ({
    Metric: {
      Namespace: "AWS/Lambda",
      MetricName,
      Dimensions: [{ Name: "FunctionName", Value: "printer" }],
    },
    Period: 3600,
    Stat: "Sum",
  });

  test("has the metrics that a function logs, and those that Lambda publishes", async () => {
    const now = local.clock.now();
    await call({ lines: [{ ...LINE, _aws: { ...LINE._aws, Timestamp: now } }] });
    await local.cloud.events.waitFor(
      ({ name, detail }) => name === "log" && String(detail["line"]).includes("_aws"),
    );
    await call({ lines: [], error: "no" });
    const { Datapoints } = await cloudwatch.send(
      new GetMetricStatisticsCommand({
        Namespace: "Doorstep",
        MetricName: "Rows",
        Dimensions: [{ Name: "stack", Value: "dev" }],
        Period: 60,
        Statistics: ["Sum", "Average", "Maximum", "SampleCount"],
        ...lastHour(),
      }),
    );
    expect(Datapoints).toEqual([
      {
        Timestamp: new Date(Math.floor(now / 60_000) * 60_000),
        Unit: "Count",
        Sum: 3,
        Average: 1.5,
        Maximum: 2,
        SampleCount: 2,
      },
    ]);
    const { MetricDataResults } = await cloudwatch.send(
      new GetMetricDataCommand({
        MetricDataQueries: [
          { Id: "invocations", MetricStat: ofPrinter("Invocations") },
          { Id: "errors", MetricStat: ofPrinter("Errors") },
          { Id: "throttles", MetricStat: ofPrinter("Throttles") },
        ],
        ...lastHour(),
      }),
    );
    expect(
      MetricDataResults!.map(({ Id, Values }) => [Id, Values!.reduce((sum, value) => sum + value, 0)]),
    ).toEqual([
      ["invocations", 2],
      ["errors", 1],
      ["throttles", 0],
    ]);
  });

  test("lists metrics by namespace and dimension", async () => {
    const { Metrics } = await cloudwatch.send(
      new ListMetricsCommand({ Namespace: "Doorstep", Dimensions: [{ Name: "table" }] }),
    );
    expect(Metrics).toEqual([
      {
        Namespace: "Doorstep",
        MetricName: "Rows",
        Dimensions: [
          { Name: "stack", Value: "dev" },
          { Name: "table", Value: "t" },
        ],
      },
    ]);
  });

  test("refuses what is not emulated instead of returning nothing", async () => {
    const request = {
      MetricDataQueries: [{ Id: "m", MetricStat: { ...ofPrinter("Duration"), Stat: "p99" } }],
    };
    await expect(
      cloudwatch.send(new GetMetricDataCommand({ ...request, ...lastHour() })),
    ).rejects.toMatchObject({
      name: "InvalidParameterValueException",
      message: expect.stringContaining(
        "MetricDataQueries[0].MetricStat.Stat: expected one of SampleCount, Sum",
      ),
    });
  });

  test("follows the local cloud's clock", async () => {
    local.clock.turn(7_200_000);
    const { MetricDataResults } = await cloudwatch.send(
      new GetMetricDataCommand({
        MetricDataQueries: [{ Id: "m", MetricStat: ofPrinter("Invocations") }],
        ...lastHour(),
      }),
    );
    expect(MetricDataResults![0]!.Values).toEqual([]);
  });
});
