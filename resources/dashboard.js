// The alarms and the dashboard for CloudFormation, from the list of failure paths. The dashboard has a column for each
// stage of the data's way: at its top the state of the stage's alarms, below it the metrics that they watch.
import { alarmLogicalId, metricAddress } from "../schemas/failure-paths/alarm-resources.ts";
import { STAGES } from "../schemas/failure-paths/failure-path.ts";
import { FAILURE_PATHS } from "../schemas/failure-paths/failure-paths.ts";

/** A dashboard is 24 units wide (documented: CloudWatch, dashboard body structure). */
const COLUMN_UNITS = Math.floor(24 / STAGES.length);
const HEAD_UNITS = 1;
const ALARMS_UNITS = 5;
const GRAPH_UNITS = 5;

/** Metric math, since CloudFormation cannot calculate a threshold from a parameter. One metric costs as much as without. */
const beyond = (Metric, { Statistic: Stat, Period }, { times, parameter }) => [
  { Id: "value", MetricStat: { Metric, Stat, Period }, ReturnData: false },
  { Id: "beyond", Expression: { "Fn::Sub": `value - ${times} * \${${parameter}}` }, ReturnData: true },
];

const alarmResource = (stack, { from, to, failure }, alarm) => {
  const { namespace, dimension } = metricAddress(alarm.watched, stack);
  const target = [{ Ref: "AlarmTopic" }];
  const metric = {
    Namespace: namespace,
    MetricName: alarm.metric,
    Dimensions: [{ Name: dimension.name, Value: dimension.value }],
  };
  const statistic = { Statistic: alarm.statistic, Period: alarm.periodSeconds };
  return {
    Type: "AWS::CloudWatch::Alarm",
    Properties: {
      AlarmName: `${stack}-${alarm.name}`,
      AlarmDescription: `${from} to ${to}: ${failure}. See docs/operations.md`,
      ...(alarm.beyond ? { Metrics: beyond(metric, statistic, alarm.beyond) } : { ...metric, ...statistic }),
      EvaluationPeriods: 1,
      Threshold: alarm.threshold,
      ComparisonOperator: "GreaterThanOrEqualToThreshold",
      TreatMissingData: "notBreaching",
      AlarmActions: target,
      OKActions: target,
    },
  };
};

/** Text for Fn::Sub, with variables for what only CloudFormation knows. */
const dashboardBody = (stack) => {
  const variables = {};
  const variable = (name, value) => {
    variables[name] = value;
    return `\${${name}}`;
  };
  const widgets = STAGES.flatMap((stage, column) => {
    const paths = FAILURE_PATHS.filter((path) => path.stage === stage);
    const place = (y, height) => ({ x: column * COLUMN_UNITS, y, width: COLUMN_UNITS, height });
    const alarmsOf = ({ alarms }) =>
      alarms.map((alarm) =>
        variable(alarmLogicalId(alarm), { "Fn::GetAtt": [alarmLogicalId(alarm), "Arn"] }),
      );
    const graphs = paths.filter(({ alarms }) => alarms.length > 0);
    return [
      { type: "text", ...place(0, HEAD_UNITS), properties: { markdown: `### ${column + 1}. ${stage}` } },
      {
        type: "alarm",
        ...place(HEAD_UNITS, ALARMS_UNITS),
        properties: { title: "Alarms", alarms: paths.flatMap(alarmsOf) },
      },
      ...graphs.map(({ from, to, alarms }, row) => ({
        type: "metric",
        ...place(HEAD_UNITS + ALARMS_UNITS + row * GRAPH_UNITS, GRAPH_UNITS),
        properties: {
          title: `${from} to ${to}`,
          region: "${AWS::Region}",
          view: "timeSeries",
          metrics: alarms.map(({ name, watched, metric, statistic, periodSeconds }) => {
            const { namespace, dimension } = metricAddress(watched, stack);
            const value =
              watched.kind === "own"
                ? dimension.value
                : variable(`${dimension.name}Of${watched.logicalId}`, dimension.value);
            return [
              namespace,
              metric,
              dimension.name,
              value,
              { label: name, stat: statistic, period: periodSeconds },
            ];
          }),
        },
      })),
    ];
  });
  return { "Fn::Sub": [JSON.stringify({ widgets }), variables] };
};

export const template = async ({ resolveConfigurationProperty }) => {
  const stack = await resolveConfigurationProperty(["custom", "stack"]);
  const alarms = FAILURE_PATHS.flatMap((path) =>
    path.alarms.map((alarm) => [alarmLogicalId(alarm), alarmResource(stack, path, alarm)]),
  );
  return {
    Resources: {
      ...Object.fromEntries(alarms),
      Dashboard: {
        Type: "AWS::CloudWatch::Dashboard",
        Properties: { DashboardName: stack, DashboardBody: dashboardBody(stack) },
      },
    },
  };
};
