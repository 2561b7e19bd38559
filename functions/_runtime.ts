/** What every function has of its runtime: environment variables, log lines and metrics. */
import { Logger } from "@aws-lambda-powertools/logger";
import { systemClock } from "../base/clock.ts";
import { asError } from "../base/errors.ts";
import { emfLine, type MetricValues } from "../core/metrics.ts";
import { SERVICE, type LogFields } from "../schemas/observability/log-fields.ts";

/**
 * An environment variable that the template sets.
 * @throws Error naming it, when the function starts rather than at its first use
 */
export function environment(name: string): string {
  const value = process.env[name];
  if (!value)
    throw new Error(`the environment variable ${name} is missing; serverless.yml sets it for this function`);
  return value;
}

const logger = new Logger({ serviceName: SERVICE });

/** Structured log lines. Their fields come from one list: never a header, a query string or a whole body. */
export const log = {
  info: (message: string, fields: LogFields = {}): void => logger.info(message, { ...fields }),
  error: (message: string, error: unknown, fields: LogFields = {}): void =>
    logger.error(message, { ...fields, error: asError(error) }),
};

const stack = environment("STACK_NAME");

/** Prints metrics straight to the output: on Lambda, `console` puts the time and request id before them. */
export function count(values: MetricValues, fields: Readonly<Record<string, string>> = {}): void {
  const line = emfLine(values, { stack, ...fields }, systemClock.now());
  if (line !== undefined) process.stdout.write(`${line}\n`);
}
