import { LOG_FIELDS } from "../../schemas/observability/log-fields.ts";
import { METRIC_NAMESPACE, METRICS } from "../../schemas/observability/metrics.ts";

const HEAD = `# What the functions tell

Written by \`npm run docs\` from the lists in \`schemas/observability/\`; a test holds both to the code.

## Logs

Every line is one JSON object in the function's log group, \`/aws/lambda/<stack>-<function>\`, kept for the days of the
parameter \`logRetentionDays\`. All have \`level\`, \`message\`, \`timestamp\` and \`service\` (\`doorstep\`), and but for the
transform's also what Powertools adds: \`sampling_rate\` and, where a trace is taken, \`xray_trace_id\`. The rest is by this
list, and an id has one name everywhere. No line holds a header, a query string, a body or a secret; of a path only what is a camera's id.`;

const METRICS_HEAD = `## Metrics

Printed by the functions in CloudWatch's embedded metric format, one line at a time, so that a metric costs no call and
no permission. Namespace \`${METRIC_NAMESPACE}\`; \`stack\` is the stack's name.`;

const TRACES = `## Traces

Every function has X-Ray's active tracing by its \`TracingConfig\` property, sampled by X-Ray's default rule (documented: the
first request each second and 5 % of the rest). The code has no tracer: one around the SDK costs 33 ms of each cold start
and tells little more, since a function makes a handful of calls, which its log lines name. What ties
lines of several functions together is \`cameraId\`, \`sessionId\` and \`eventId\`. In CloudWatch Logs Insights, over all of a
stack's log groups:

\`\`\`
fields @timestamp, @log, message, state, reason
| filter cameraId = "front-door"
| sort @timestamp
\`\`\``;

const row = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;

/** docs/observability.md, before Prettier aligns its tables. */
export function observabilityMarkdown(): string {
  const fields = Object.entries(LOG_FIELDS).map(([name, { type, about }]) =>
    row([`\`${name}\``, type, about]),
  );
  const metrics = Object.entries(METRICS).map(([name, { unit, dimensions, from, about }]) =>
    row([
      `\`${name}\``,
      unit,
      dimensions.map((one) => `\`${one}\``).join(", "),
      from.map((one) => `\`${one}\``).join(", "),
      about,
    ]),
  );
  return `${[
    HEAD,
    [row(["field", "type", "meaning"]), row(["---", "---", "---"]), ...fields].join("\n"),
    METRICS_HEAD,
    [
      row(["metric", "unit", "dimensions", "printed by", "counts"]),
      row(["---", "---", "---", "---", "---"]),
      ...metrics,
    ].join("\n"),
    TRACES,
  ].join("\n\n")}\n`;
}
