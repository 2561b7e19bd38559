import { CloudFormationClient, paginateListStackResources } from "@aws-sdk/client-cloudformation";
import { CloudWatchClient, GetMetricDataCommand, type MetricDataQuery } from "@aws-sdk/client-cloudwatch";
import { CloudWatchLogsClient } from "@aws-sdk/client-cloudwatch-logs";
import { GetQueueAttributesCommand, SQSClient } from "@aws-sdk/client-sqs";
import { forEachConcurrently } from "../base/concurrency.ts";
import { DAY_MS, HOUR_MS, SECOND_MS } from "../base/durations.ts";
import { describeError } from "../operator/aws-errors.ts";
import { anyOf, functionLogs } from "../operator/function-logs.ts";
import { openPaths } from "../operator/redrive/paths.ts";
import { Tally } from "../operator/redrive/tally.ts";
import type { Flow, RedriveSummary } from "../schemas/console/flow.ts";
import { REDRIVE_PATHS, type FailurePath, type RedrivePath } from "../schemas/failure-paths/failure-path.ts";
import { FAILURE_PATHS } from "../schemas/failure-paths/failure-paths.ts";
import { FLOW_EDGES, FLOW_NODES, functionsOf, type NodeMetric } from "./flow-nodes.ts";
import type { ConsoleContext, Handlers } from "./handlers.ts";
import { ConsoleProblem } from "./problem.ts";

/** The period of the counts. */
const PERIOD_MS = DAY_MS;
/** On AWS, metrics are billed by the request, so a page that reloads gets what was read last. */
const KEPT_MS = { local: SECOND_MS, aws: 60 * SECOND_MS } as const;
const CALLS_AT_ONCE = 4;
const MAX_ERROR_CHARACTERS = 500;
const MAX_LEFT = 100;

type ErrorLine = { readonly atMs: number; readonly error: string };

/** The screen Flow: the way of the data with its counts, what waits in failure paths, and redrives. */
export function flowHandlers({
  config,
  stack,
  clock,
}: ConsoleContext): Pick<Handlers, "getFlow" | "redrive"> {
  const cloudformation = new CloudFormationClient(config);
  const cloudwatch = new CloudWatchClient(config);
  const logs = new CloudWatchLogsClient(config);
  const sqs = new SQSClient(config);
  let resources: Promise<ReadonlyMap<string, string>> | undefined;
  let kept: { readonly untilMs: number; readonly flow: Promise<Flow> } | undefined;

  /** Physical ids by logical ones. */
  const readResources = async (): Promise<ReadonlyMap<string, string>> => {
    const found = new Map<string, string>();
    const pages = paginateListStackResources({ client: cloudformation }, { StackName: stack });
    for await (const { StackResourceSummaries = [] } of pages)
      for (const { LogicalResourceId = "", PhysicalResourceId } of StackResourceSummaries)
        if (PhysicalResourceId !== undefined) found.set(LogicalResourceId, PhysicalResourceId);
    return found;
  };

  const valuesOf = async (
    metrics: readonly NodeMetric[],
    names: ReadonlyMap<string, string>,
    nowMs: number,
  ): Promise<ReadonlyMap<NodeMetric, number>> => {
    const queries = metrics.flatMap((one, index): MetricDataQuery[] => {
      const name = one.logicalId === undefined ? stack : names.get(one.logicalId);
      if (name === undefined) return [];
      // The id of a queue is its URL and that of a topic its ARN.
      const Value = name.split(/[/:]/).at(-1)!;
      const Metric = {
        Namespace: one.namespace,
        MetricName: one.metric,
        Dimensions: [{ Name: one.dimension, Value }],
      };
      return [{ Id: `m${index}`, MetricStat: { Metric, Period: HOUR_MS / SECOND_MS, Stat: one.statistic } }];
    });
    const { MetricDataResults = [] } = await cloudwatch.send(
      new GetMetricDataCommand({
        MetricDataQueries: queries,
        StartTime: new Date(nowMs - PERIOD_MS),
        EndTime: new Date(nowMs + SECOND_MS),
      }),
    );
    const values = new Map<NodeMetric, number>();
    for (const { Id = "", Values = [] } of MetricDataResults) {
      const metric = metrics[Number(Id.slice(1))]!;
      if (Values.length > 0) values.set(metric, combined(Values, metric));
    }
    return values;
  };

  const depthsOf = async (names: ReadonlyMap<string, string>): Promise<ReadonlyMap<string, number>> => {
    const depths = new Map<string, number>();
    const queues = FLOW_NODES.filter(({ kind }) => kind === "queue");
    await forEachConcurrently(queues, { limit: CALLS_AT_ONCE }, async ({ id, logicalId }) => {
      const QueueUrl = names.get(logicalId!);
      if (QueueUrl === undefined) return;
      const { Attributes = {} } = await sqs.send(
        new GetQueueAttributesCommand({
          QueueUrl,
          AttributeNames: [
            "ApproximateNumberOfMessages",
            "ApproximateNumberOfMessagesNotVisible",
            "ApproximateNumberOfMessagesDelayed",
          ],
        }),
      );
      depths.set(
        id,
        Object.values(Attributes).reduce((sum, value) => sum + Number(value), 0),
      );
    });
    return depths;
  };

  /** How much waits on each redrive path; a path that cannot be read is left out. */
  const waitingOf = async (): Promise<ReadonlyMap<RedrivePath, number>> => {
    const waiting = new Map<RedrivePath, number>();
    const open = await openPaths(stack, config, clock);
    try {
      const { signal } = new AbortController();
      await forEachConcurrently(Object.entries(open.paths), { limit: CALLS_AT_ONCE }, async ([path, run]) => {
        const tally = new Tally();
        await run(tally, { again: false, dryRun: true, signal, progress: () => {} });
        waiting.set(path as RedrivePath, tally.waiting);
      });
    } finally {
      open.close();
    }
    return waiting;
  };

  /** The latest error of each function of the period. */
  const errorsOf = async (nowMs: number): Promise<ReadonlyMap<string, ErrorLine>> => {
    const errors = new Map<string, ErrorLine>();
    const functions = [...new Set(FAILURE_PATHS.flatMap(functionsOf))];
    const times = { fromMs: nowMs - PERIOD_MS, untilMs: nowMs + 1 };
    await forEachConcurrently(functions, { limit: CALLS_AT_ONCE }, async (name) => {
      const last = (await functionLogs(`${stack}-${name}`, anyOf("level", ["ERROR"]), times, logs)).at(-1);
      if (last) errors.set(name, { atMs: last.atMs, error: errorText(last.fields) });
    });
    return errors;
  };

  const read = async (): Promise<Flow> => {
    const nowMs = clock.now();
    const names = await (resources ??= readResources().catch((error: unknown) => {
      resources = undefined;
      throw error;
    }));
    const metrics = FLOW_NODES.flatMap(({ count = [], failed = [], lag }) => [
      ...count,
      ...failed,
      ...(lag ? [lag] : []),
    ]);
    const [values, depths, waiting, errors] = await Promise.all([
      valuesOf(metrics, names, nowMs),
      depthsOf(names),
      waitingOf(),
      errorsOf(nowMs),
    ]);
    const sumOf = (some: readonly NodeMetric[] = []): number | undefined => {
      const found = some.flatMap((one) => values.get(one) ?? []);
      return found.length > 0 ? found.reduce((sum, value) => sum + value, 0) : undefined;
    };
    return {
      fromMs: nowMs - PERIOD_MS,
      untilMs: nowMs,
      nodes: FLOW_NODES.map(({ id, name, stage, kind, count, failed, lag }) => {
        const counted = sumOf(count);
        const failures = sumOf(failed);
        const lagMs = lag && values.get(lag);
        const depth = depths.get(id);
        return {
          id,
          name,
          stage,
          kind,
          ...(counted !== undefined && { count: counted }),
          ...(failures !== undefined && { failed: failures }),
          ...(lagMs !== undefined && { lagMs }),
          ...(depth !== undefined && { depth }),
        };
      }),
      edges: FLOW_EDGES.map(([from, to]) => ({ from, to })),
      paths: FAILURE_PATHS.map((path) => shownPath(path, waiting, errors)),
    };
  };

  return {
    getFlow: async () => {
      const nowMs = clock.now();
      if (kept && nowMs < kept.untilMs) return await kept.flow;
      const isLocal = /^https?:\/\/(127\.0\.0\.1|localhost|\[::1\])[:/]/.test(config.endpoint ?? "");
      const flow = read();
      kept = { untilMs: nowMs + (isLocal ? KEPT_MS.local : KEPT_MS.aws), flow };
      flow.catch(() => (kept = undefined));
      return await flow;
    },

    redrive: async ({ parameters: { path }, body: { again } }, { signal }): Promise<RedriveSummary> => {
      if (path === "raw")
        throw new ConsoleProblem(
          422,
          "the raw backup is redriven for an interval",
          "run npx doorstep redrive --from raw --since <time>",
        );
      const open = await openPaths(stack, config, clock);
      const tally = new Tally();
      let failure: string | undefined;
      try {
        await open.paths[path](tally, { again, dryRun: false, signal, progress: () => {} });
      } catch (error) {
        failure = describeError(error);
      } finally {
        open.close();
        kept = undefined;
      }
      const { waiting, redriven, left } = tally;
      return {
        path,
        waiting,
        redriven,
        left: left.slice(0, MAX_LEFT).map(({ what, reason }) => ({ what, reason })),
        ...(failure !== undefined && { failure }),
      };
    },
  };
}

function combined(values: readonly number[], { statistic, factor = 1 }: NodeMetric): number {
  const sum = values.reduce((total, value) => total + value, 0);
  const value =
    statistic === "Sum" ? sum : statistic === "Average" ? sum / values.length : Math.max(...values);
  return value * factor;
}

function shownPath(
  path: FailurePath,
  waiting: ReadonlyMap<RedrivePath, number>,
  errors: ReadonlyMap<string, ErrorLine>,
): Flow["paths"][number] {
  const { name, stage, from, to, failure, recovery, keptIn, redrive = [] } = path;
  const counts = redrive.flatMap((one) => waiting.get(one) ?? []);
  const [lastError] = functionsOf(path)
    .flatMap((one) => errors.get(one) ?? [])
    .toSorted((a, b) => b.atMs - a.atMs);
  return {
    name,
    stage,
    from,
    to,
    failure,
    recovery,
    keptIn,
    ...(counts.length > 0 && { waiting: counts.reduce((sum, count) => sum + count, 0) }),
    ...(lastError && { lastError: { ...lastError, remedy: recovery } }),
    redrive: REDRIVE_PATHS.filter((one) => redrive.includes(one)),
  };
}

function errorText({ message, reason, error }: Readonly<Record<string, unknown>>): string {
  const { name, message: text } = (error ?? {}) as { name?: unknown; message?: unknown };
  const parts = [message, reason, [name, text].filter((one) => typeof one === "string").join(": ")];
  const words = parts.filter((one) => typeof one === "string" && one !== "").join("; ");
  return words.slice(0, MAX_ERROR_CHARACTERS);
}
