import { join } from "node:path";
import { asError, errorMessage } from "../../../base/errors.ts";
import type { Cloud } from "../../cloud.ts";
import { OperatorError } from "../../errors.ts";
import type { Principal } from "../../iam/principal.ts";
import { LogFile } from "../../log-file.ts";
import { logGroupArn } from "../../monitoring/resources.ts";
import type { S3Output } from "../settings/settings.ts";
import type { StreamDescription } from "../stream-description.ts";

/** One entry: why records could not be transformed, converted or delivered. */
export interface ErrorEntry {
  readonly errorCode: string;
  readonly message: string;
}

/**
 * Firehose's error log of one destination, if it is enabled: on AWS a stream of a CloudWatch log group, here the file
 * `logs/<delivery stream>.log`. The role of the destination needs `logs:PutLogEvents` (documented: Firehose guide,
 * "Controlling access"). The fields of an entry are unconfirmed.
 */
export function logError(
  cloud: Cloud,
  { name, arn, version }: StreamDescription,
  { bucket, roleArn, errorLog }: S3Output,
  { errorCode, message }: ErrorEntry,
  assumeRole: (roleArn: string) => Principal,
): void {
  if (!errorLog) return;
  const { group, stream } = errorLog;
  try {
    const resource = `${logGroupArn(cloud, group)}:log-stream:${stream}`;
    cloud.access.authorise(assumeRole(roleArn), "logs:PutLogEvents", resource);
  } catch (error) {
    cloud.events.emit("firehose", "error-log-refused", {
      deliveryStreamName: name,
      error: errorMessage(error),
    });
    return;
  }
  const entry = {
    logStream: stream,
    deliveryStreamARN: arn,
    destination: `arn:${cloud.partition}:s3:::${bucket}`,
    deliveryStreamVersionId: version,
    message,
    errorCode,
  };
  const file = join(cloud.dataFolder, "logs", `${name}.log`);
  new LogFile(file, cloud.events, "firehose").append(JSON.stringify(entry));
  cloud.events.emit("firehose", "error-logged", {
    deliveryStreamName: name,
    logGroup: group,
    logStream: stream,
    errorCode,
    message,
  });
}

/** `S3.AccessDenied` for what S3 refused, `DataFormatConversion.…` for the Glue table; both forms are unconfirmed. */
export function errorCode(error: unknown): string {
  const service = error instanceof OperatorError ? "DataFormatConversion" : "S3";
  const { name } = asError(error instanceof OperatorError ? (error.cause ?? error) : error);
  return `${service}.${name.replace(/Exception$/, "")}`;
}
