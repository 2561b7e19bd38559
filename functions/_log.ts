import { Logger } from "@aws-lambda-powertools/logger";
import { asError } from "../base/errors.ts";
import { SERVICE, type LogFields } from "../schemas/observability/log-fields.ts";

const logger = new Logger({ serviceName: SERVICE });

/** Structured log lines, whose fields are those of one list; never a header, a query string or a body. */
export const log = {
  info: (message: string, fields: LogFields = {}): void => logger.info(message, { ...fields }),
  error: (message: string, error: unknown, fields: LogFields = {}): void =>
    logger.error(message, { ...fields, error: asError(error) }),
};
