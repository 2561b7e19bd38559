import { readFileSync } from "node:fs";
import { describe, expect, test } from "@jest/globals";
import { templateFile } from "../../demo/package-service.ts";
import { readTemplate } from "../../local/template/template.ts";
import { REDRIVE_PATHS, STAGES } from "../../schemas/failure-paths/failure-path.ts";
import { FAILURE_PATHS } from "../../schemas/failure-paths/failure-paths.ts";
import { METRIC_NAMESPACE, METRICS } from "../../schemas/observability/metrics.ts";
import { operationsMarkdown } from "../../tools/docs/operations.ts";

const { Resources } = readTemplate(templateFile);
const ofType = (type: string) => Object.entries(Resources).filter(([, resource]) => resource.Type === type);
const alarms = ofType("AWS::CloudWatch::Alarm")
  .map(([id, { Properties = {} }]) => {
    const [math] = (Properties["Metrics"] ?? []) as { readonly MetricStat: { readonly Metric: object } }[];
    return { id, ...Properties, ...math?.MetricStat.Metric } as unknown as Alarm;
  })
  // The uploader has alarms of its own, where there is one.
  .filter(({ id }) => Resources[id]!.Condition === undefined);

interface Alarm {
  readonly id: string;
  readonly AlarmName: string;
  readonly Namespace: string;
  readonly MetricName: string;
  readonly Dimensions: readonly { readonly Name: string; readonly Value: object | string }[];
  readonly AlarmActions: readonly unknown[];
  readonly OKActions: readonly unknown[];
}

interface Widget {
  readonly type: string;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  readonly properties: {
    readonly alarms?: readonly string[];
    readonly metrics?: readonly (readonly unknown[])[];
    readonly markdown?: string;
  };
}

const [[, dashboard]] = ofType("AWS::CloudWatch::Dashboard") as unknown as [[string, { Properties: object }]];
const [body, variables] = (dashboard.Properties as { DashboardBody: { "Fn::Sub": [string, object] } })
  .DashboardBody["Fn::Sub"];
const { widgets } = JSON.parse(body) as { widgets: Widget[] };

const alarmNames = FAILURE_PATHS.flatMap((path) => path.alarms.map(({ name }) => `doorstep-dev-${name}`));

describe("every failure path", () => {
  test("has a name of its own, and so has each of its alarms", () => {
    expect(new Set(FAILURE_PATHS.map(({ name }) => name)).size).toBe(FAILURE_PATHS.length);
    expect(new Set(alarmNames).size).toBe(alarmNames.length);
  });

  test("has an alarm, or says how to notice it without one", () => {
    expect(
      FAILURE_PATHS.filter(
        ({ alarms: own, withoutAlarm }) => (own.length === 0) !== (withoutAlarm !== undefined),
      ),
    ).toEqual([]);
  });

  test("names the redrive paths that recover it, and every redrive path belongs to one", () => {
    expect([...new Set(FAILURE_PATHS.flatMap(({ redrive = [] }) => redrive))].toSorted()).toEqual(
      [...REDRIVE_PATHS].toSorted(),
    );
  });
});

describe("the alarms", () => {
  test("are those of the failure paths, and all notify the alarm topic in ALARM and in OK", () => {
    expect(alarms.map(({ AlarmName }) => AlarmName).toSorted()).toEqual(alarmNames.toSorted());
    for (const { AlarmActions, OKActions } of alarms)
      expect([AlarmActions, OKActions]).toEqual([[{ Ref: "AlarmTopic" }], [{ Ref: "AlarmTopic" }]]);
  });

  test("watch resources that there are, of the kind that has the metric", () => {
    const kinds: Readonly<Record<string, string>> = {
      "AWS/SQS": "AWS::SQS::Queue",
      "AWS/Lambda": "AWS::Lambda::Function",
      "AWS/Firehose": "AWS::KinesisFirehose::DeliveryStream",
      "AWS/SNS": "AWS::SNS::Topic",
      "AWS/ApiGateway": "AWS::ApiGatewayV2::Api",
    };
    for (const { Namespace, Dimensions } of alarms.filter((alarm) => alarm.Namespace !== METRIC_NAMESPACE))
      for (const { Value } of Dimensions) {
        const { Ref, "Fn::GetAtt": attribute } = Value as { Ref?: string; "Fn::GetAtt"?: [string, string] };
        expect(Resources[Ref ?? attribute![0]]?.Type).toBe(kinds[Namespace]);
      }
  });

  test("on the stack's own metrics watch metrics that functions print, under the stack's name", () => {
    const own = alarms.filter(({ Namespace }) => Namespace === METRIC_NAMESPACE);
    expect(own.map(({ MetricName }) => MetricName).toSorted()).toEqual([
      "FacesNotSent",
      "RecordsQuarantined",
      "StartsRefused",
    ]);
    for (const { MetricName, Dimensions } of own) {
      expect(METRICS).toHaveProperty(MetricName);
      expect(Dimensions).toEqual([{ Name: "stack", Value: "doorstep-dev" }]);
    }
  });

  test("watch every queue that has no consumer", () => {
    const read = new Set(
      ofType("AWS::Lambda::EventSourceMapping").map(
        ([, { Properties }]) =>
          (Properties as { EventSourceArn: { "Fn::GetAtt": [string] } }).EventSourceArn["Fn::GetAtt"][0],
      ),
    );
    const unread = ofType("AWS::SQS::Queue").flatMap(([id]) => (read.has(id) ? [] : [id]));
    const watched = alarms
      .filter(({ MetricName }) => MetricName === "ApproximateNumberOfMessagesVisible")
      .map(({ Dimensions }) => (Dimensions[0]!.Value as { "Fn::GetAtt": [string] })["Fn::GetAtt"][0]);
    expect(unread.length).toBe(13);
    expect(watched.toSorted()).toEqual(unread.toSorted());
  });
});

test("every subscription, queue that is read and rule's target has a dead-letter queue, every asynchronous function one for failures", () => {
  for (const [, { Properties = {} }] of ofType("AWS::SNS::Subscription"))
    if (Properties["Protocol"] !== "email")
      expect(Properties["RedrivePolicy"]).toMatchObject({ deadLetterTargetArn: expect.anything() });
  for (const [, { Properties = {} }] of ofType("AWS::Events::Rule"))
    for (const target of Properties["Targets"] as object[])
      expect(target).toMatchObject({ DeadLetterConfig: { Arn: expect.anything() } });
  const configs = ofType("AWS::Lambda::EventInvokeConfig").map(([, { Properties }]) => Properties!);
  expect(configs.map(({ FunctionName }) => (FunctionName as { Ref: string }).Ref).toSorted()).toEqual([
    "CloseSessionLambdaFunction",
    "SweepFacesLambdaFunction",
    "WakeSessionsLambdaFunction",
  ]);
  for (const { DestinationConfig } of configs)
    expect(DestinationConfig).toMatchObject({ OnFailure: { Destination: expect.anything() } });
});

test("an alarm on late rows waits for two buffers of the stack's length, and 13 minutes", () => {
  for (const what of ["Detections", "Sessions"]) {
    const { Metrics, Threshold } = Resources[`Stale${what}Alarm`]!.Properties!;
    expect(Threshold).toBe(780);
    expect(Metrics).toMatchObject([
      { Id: "value", ReturnData: false, MetricStat: { Stat: "Maximum", Period: 300 } },
      { Id: "beyond", ReturnData: true, Expression: { "Fn::Sub": "value - 2 * ${LakeBufferSeconds}" } },
    ]);
  }
});

test("no text of the template has a character that some tool changes when it reads it back", () => {
  // Saved queries and the Glue catalogue are SQL and prose of our own, and ASCII as well.
  expect(readFileSync(templateFile, "utf8")).toMatch(/^[\x20-\x7e\s]*$/);
});

test("the API's access log is where deliveries need no entry each in the account's policy", () => {
  expect(Resources["HttpApiLogGroup"]!.Properties!["LogGroupName"]).toBe(
    "/aws/vendedlogs/http-api/doorstep-dev",
  );
});

test("every delivery stream logs its errors, to streams of the template that its role may write", () => {
  const deliveryRole = JSON.stringify(Resources["DeliveryRole"]);
  for (const [, { Properties }] of ofType("AWS::KinesisFirehose::DeliveryStream")) {
    const destination = Properties!["ExtendedS3DestinationConfiguration"] as {
      readonly CloudWatchLoggingOptions: object;
      readonly S3BackupConfiguration?: { readonly CloudWatchLoggingOptions: object };
    };
    // Faces have no backup.
    for (const options of [destination, destination.S3BackupConfiguration ?? destination]) {
      const { Enabled, LogGroupName, LogStreamName } = options.CloudWatchLoggingOptions as {
        readonly Enabled: boolean;
        readonly LogGroupName: { readonly Ref: string };
        readonly LogStreamName: { readonly Ref: string };
      };
      expect(Enabled).toBe(true);
      expect(Resources[LogGroupName.Ref]!.Properties!["LogGroupName"]).toBe(
        `/aws/kinesisfirehose/${String(Properties!["DeliveryStreamName"])}`,
      );
      expect(Resources[LogStreamName.Ref]).toMatchObject({
        Type: "AWS::Logs::LogStream",
        Properties: { LogGroupName },
      });
      expect(deliveryRole).toContain(JSON.stringify({ "Fn::GetAtt": [LogGroupName.Ref, "Arn"] }));
    }
  }
  expect(deliveryRole).toContain("logs:PutLogEvents");
});

describe("the dashboard", () => {
  test("shows every alarm, and what each watches, in the stages' columns from left to right", () => {
    const shown = widgets.flatMap(({ properties }) => properties.alarms ?? []);
    expect(shown.toSorted()).toEqual(alarms.map(({ id }) => `\${${id}}`).toSorted());
    const labels = widgets
      .flatMap(({ properties }) => properties.metrics ?? [])
      .map((metric) => `doorstep-dev-${(metric.at(-1) as { label: string }).label}`);
    expect(labels.toSorted()).toEqual(alarmNames.toSorted());
    const heads = widgets.filter(({ type }) => type === "text").toSorted((a, b) => a.x - b.x);
    expect(heads.map(({ properties }) => properties.markdown)).toEqual(
      STAGES.map((stage, index) => `### ${index + 1}. ${stage}`),
    );
  });

  test("knows every variable in its text", () => {
    const used = new Set([...body.matchAll(/\$\{([^}]+)\}/g)].map(([, name]) => name!));
    used.delete("AWS::Region");
    expect([...used].toSorted()).toEqual(Object.keys(variables).toSorted());
  });

  test("lays no widget over another, and none beyond the 24 units of its width", () => {
    for (const [index, a] of widgets.entries()) {
      expect(a.x + a.width).toBeLessThanOrEqual(24);
      for (const b of widgets.slice(index + 1))
        expect(
          a.x + a.width <= b.x || b.x + b.width <= a.x || a.y + a.height <= b.y || b.y + b.height <= a.y,
        ).toBe(true);
    }
  });
});

test("docs/operations.md is generated from the list of failure paths; `npm run docs` writes it", () => {
  const page = readFileSync(new URL("../../docs/operations.md", import.meta.url), "utf8");
  expect(page).toBe(operationsMarkdown(FAILURE_PATHS));
  for (const name of alarmNames) expect(page).toContain(`\`${name.replace("doorstep-dev-", "")}\``);
});
