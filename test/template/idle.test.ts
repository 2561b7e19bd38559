import { readFileSync } from "node:fs";
import { describe, expect, test } from "@jest/globals";
import { WAKE_SHARDS } from "../../schemas/session.ts";
import { IDLE_STACK, idleCost } from "../../analysis/idle.ts";
import { refusedRequestsUsdPerHour } from "../../analysis/refused-requests.ts";
import { listPrices, withOverrides } from "../../analysis/prices.ts";
import { templateFile } from "../../demo/package-service.ts";
import { readTemplate } from "../../local/template/template.ts";
import { withDeployFigures } from "../../tools/docs/deploy.ts";
import { format, resolveConfig } from "prettier";

const template = readTemplate(templateFile);
const always = Object.values(template.Resources).filter(({ Condition }) => Condition === undefined);
const ofType = (type: string) => always.filter(({ Type }) => Type === type);

describe("the idle stack", () => {
  test("is what the compiled template has, whatever the parameters", () => {
    const metrics = ofType("AWS::CloudWatch::Alarm").map(({ Properties = {} }) =>
      Properties["Metrics"]
        ? (Properties["Metrics"] as readonly { MetricStat?: object }[]).filter((one) => one.MetricStat).length
        : 1,
    );
    const eachMinute = ofType("AWS::Events::Rule").flatMap(({ Properties = {} }) =>
      Properties["ScheduleExpression"] === "rate(1 minute)" ? (Properties["Targets"] as unknown[]) : [],
    );
    const scheduled = template.Resources["WakeSessionsLambdaFunction"]!.Properties!;
    expect({
      alarmMetrics: metrics.reduce((sum, count) => sum + count, 0),
      dashboards: ofType("AWS::CloudWatch::Dashboard").length,
      secrets: ofType("AWS::SecretsManager::Secret").length,
      polledQueues: ofType("AWS::Lambda::EventSourceMapping").length,
      functionsEachMinute: eachMinute.length,
      dueShards: WAKE_SHARDS.length,
      functionGb: Number(scheduled["MemorySize"]) / 1024,
    }).toEqual(IDLE_STACK);
  });

  test("has no resource of a kind that costs and that the list leaves out", () => {
    const free = new Set([
      "AWS::ApiGatewayV2::Api",
      "AWS::ApiGatewayV2::Integration",
      "AWS::ApiGatewayV2::Route",
      "AWS::ApiGatewayV2::Stage",
      "AWS::Athena::NamedQuery",
      "AWS::Athena::WorkGroup",
      "AWS::DynamoDB::Table",
      "AWS::Events::EventBus",
      "AWS::Events::Rule",
      "AWS::Glue::Database",
      "AWS::Glue::Table",
      "AWS::IAM::Role",
      "AWS::KinesisFirehose::DeliveryStream",
      "AWS::Lambda::EventInvokeConfig",
      "AWS::Lambda::EventSourceMapping",
      "AWS::Lambda::Function",
      "AWS::Lambda::Permission",
      "AWS::Logs::LogGroup",
      "AWS::Logs::LogStream",
      "AWS::Rekognition::Collection",
      "AWS::S3::Bucket",
      "AWS::S3::BucketPolicy",
      "AWS::SNS::Subscription",
      "AWS::SNS::Topic",
      "AWS::SNS::TopicPolicy",
      "AWS::SQS::Queue",
      "AWS::SQS::QueuePolicy",
    ]);
    expect([...new Set(always.map(({ Type }) => Type))].filter((type) => !free.has(type)).toSorted()).toEqual(
      ["AWS::CloudWatch::Alarm", "AWS::CloudWatch::Dashboard", "AWS::SecretsManager::Secret"],
    );
  });

  test("costs a sum computed by hand, with and without what is always free, and with a key", () => {
    const figures = idleCost(listPrices, { ownKey: true }).map(({ service, what, usd, usdBeyondFree }) => [
      `${service}: ${what}`,
      Number(usd.toFixed(4)),
      Number(usdBeyondFree.toFixed(4)),
    ]);
    expect(figures).toEqual([
      // 44 metrics; ten are free
      ["CloudWatch: alarms, one metric each", 4.4, 3.4],
      ["CloudWatch: dashboard", 3, 0],
      // 43,200 × 0.5 KB
      ["CloudWatch: logs of the schedule's runs", 0.0108, 0],
      // 7 × 5 × 3 × 43,200 = 4,536,000
      ["SQS: polled by Lambda, 7 queues", 1.8144, 1.4144],
      ["Secrets Manager: secrets of cameras and of alerts", 0.8, 0.8],
      ["Lambda: scheduled, each minute: requests", 0.0086, 0],
      // 43,200 × 50 ms × 0.5 GB = 1,080 GB-s
      ["Lambda: scheduled, each minute: compute", 0.018, 0],
      // 43,200 × 16 × 0.5
      ["DynamoDB: due sessions, read each minute", 0.0432, 0.0432],
      ["KMS: key of your own", 1, 1],
      ["KMS: requests", 0.3, 0.24],
    ]);
    expect(idleCost().map(({ service }) => service)).not.toContain("KMS");
  });

  test("costs by the prices of a file", () => {
    const prices = withOverrides(listPrices, { prices: { secretMonth: { usd: 1 } } });
    expect(idleCost(prices).find(({ price }) => price === "secretMonth")).toMatchObject({ usd: 2 });
  });
});

test("refused requests cost a sum computed by hand", () => {
  // A million of them: 1 + 0.2 + 5,000 GB-s × 0.0000166667 + 1.5 GB × 0.5 + 0.125 + 50,000 traces × 0.000005
  expect(refusedRequestsUsdPerHour(1_000_000 / 3600)).toBeCloseTo(
    1 + 0.2 + 0.0833335 + 0.75 + 0.125 + 0.25,
    6,
  );
});

test("docs/deploy.md has these figures; npm run docs writes them", async () => {
  const page = readFileSync(new URL("../../docs/deploy.md", import.meta.url), "utf8");
  const options = { ...(await resolveConfig("docs/deploy.md")), parser: "markdown" };
  expect(page).toBe(await format(withDeployFigures(page, template), options));
});
