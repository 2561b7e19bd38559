import { FAILURE_PATHS } from "../schemas/failure-paths/failure-paths.ts";
import type { PriceName, Prices } from "../schemas/prices.ts";
import { DAYS_PER_MONTH, type CostLine } from "./cost.ts";
import { listPrices, usdBeyondFree, usdOf } from "./prices.ts";

const MINUTES_PER_MONTH = DAYS_PER_MONTH * 24 * 60;

/** What costs in a stack before there is a camera. A test compares it with the compiled template. */
export const IDLE_STACK = {
  alarmMetrics: FAILURE_PATHS.reduce((sum, { alarms }) => sum + alarms.length, 0),
  dashboards: 1,
  secrets: 2,
  /** Queues that Lambda polls. */
  polledQueues: 7,
  /** Functions that a schedule invokes each minute. */
  functionsEachMinute: 1,
  functionGb: 0.5,
  /** Partitions of the index of due sessions (aws/sessions.ts). */
  dueShards: 16,
} as const;

/** Assumed or documented amounts; each is named beside the line that depends on it. */
const IDLE_ASSUMED = {
  /** Documented (Lambda guide, "Configuring scaling behavior for SQS") for standard queues; a request waits up to 20 s. */
  pollersPerQueue: 5,
  pollsPerMinute: 3,
  runMs: 50,
  /** START, END and REPORT. */
  logKbPerRun: 0.5,
  kmsRequests: 100_000,
} as const;

export interface IdleLine extends CostLine {
  /** US dollars beyond what an account never pays, if nothing else of the account uses it. */
  readonly usdBeyondFree: number;
}

/** Every line of the bill of a month without any camera. @param ownKey whether the stack has a key of the account's own */
export function idleCost({ prices }: Prices = listPrices, { ownKey = false } = {}): IdleLine[] {
  const { alarmMetrics, dashboards, secrets, polledQueues, functionsEachMinute, functionGb, dueShards } =
    IDLE_STACK;
  const { pollersPerQueue, pollsPerMinute, runMs, logKbPerRun, kmsRequests } = IDLE_ASSUMED;
  const runs = functionsEachMinute * MINUTES_PER_MONTH;
  const line = (
    service: string,
    what: string,
    price: PriceName,
    amount: number,
    assumption?: string,
  ): IdleLine => ({
    service,
    what,
    price,
    amount,
    usd: usdOf(prices[price], amount),
    usdBeyondFree: usdBeyondFree(prices[price], amount),
    ...(assumption !== undefined && { assumption }),
  });
  return [
    line("CloudWatch", "alarms, one metric each", "alarmMetric", alarmMetrics),
    line("CloudWatch", "dashboard", "dashboard", dashboards),
    line(
      "CloudWatch",
      "logs of the schedule's runs",
      "logsIngestedGb",
      (runs * logKbPerRun) / 1e6,
      `${logKbPerRun} KB per run`,
    ),
    line(
      "SQS",
      `polled by Lambda, ${polledQueues} queues`,
      "sqsRequest",
      polledQueues * pollersPerQueue * pollsPerMinute * MINUTES_PER_MONTH,
      `${pollersPerQueue} pollers per queue, a request every ${60 / pollsPerMinute} s`,
    ),
    line("Secrets Manager", "secrets of cameras and of alerts", "secretMonth", secrets),
    line("Lambda", "scheduled, each minute: requests", "lambdaRequest", runs),
    line(
      "Lambda",
      "scheduled, each minute: compute",
      "lambdaGbSecond",
      (runs * runMs * functionGb) / 1000,
      `${runMs} ms per run at ${functionGb} GB`,
    ),
    line(
      "DynamoDB",
      "due sessions, read each minute",
      "dynamoDbRead",
      (runs * dueShards) / 2,
      `half a unit for each of ${dueShards} empty partitions`,
    ),
    ...(ownKey
      ? [
          line("KMS", "key of your own", "kmsKeyMonth", 1),
          line("KMS", "requests", "kmsRequest", kmsRequests, "of the services that use it, roughly"),
        ]
      : []),
  ];
}
