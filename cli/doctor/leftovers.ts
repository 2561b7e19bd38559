import { ListObjectsV2Command, S3Client } from "@aws-sdk/client-s3";
import { GetQueueAttributesCommand, SQSClient } from "@aws-sdk/client-sqs";
import { counted } from "../text.ts";
import { deployedCheck } from "./check.ts";
import { failed, ok, unknown, wrong, type Finding } from "./finding.ts";

const ERRORS_PREFIX = "errors/";

/** A queue and its number of messages. */
interface CheckedQueue {
  readonly name: string;
  readonly messages: number;
  /** Whether it is a dead-letter queue: it has no redrive policy of its own. */
  readonly isLast: boolean;
}

/** Whether a dead-letter queue has messages. */
export const queuesCheck = deployedCheck("queues", async ({ config, resources }) => {
  const client = new SQSClient(config);
  try {
    const queues: CheckedQueue[] = [];
    for (const { type, physicalId } of resources)
      if (type === "AWS::SQS::Queue") {
        const { Attributes = {} } = await client.send(
          new GetQueueAttributesCommand({ QueueUrl: physicalId, AttributeNames: ["All"] }),
        );
        const counts = [
          Attributes.ApproximateNumberOfMessages,
          Attributes.ApproximateNumberOfMessagesNotVisible,
        ];
        queues.push({
          name: physicalId.split("/").at(-1)!,
          messages: counts.reduce((sum, count = "0") => sum + Number(count), 0),
          isLast: !Attributes.RedrivePolicy,
        });
      }
    return queueFindings(queues);
  } catch (error) {
    return [failed("the queues", error, "sqs:GetQueueAttributes")];
  } finally {
    client.destroy();
  }
});

export function queueFindings(queues: readonly CheckedQueue[]): Finding[] {
  const stuck = queues.filter(({ isLast, messages }) => isLast && messages > 0);
  const waiting = queues.filter(({ isLast, messages }) => !isLast && messages > 0);
  return [
    ...stuck.map(({ name, messages }) =>
      wrong(
        `${counted(messages, "message")} in ${name} that could not be delivered or processed`,
        "see the functions' logs for the reason, fix it, then run `npx doorstep redrive`",
      ),
    ),
    ...(stuck.length === 0 ? [ok(`nothing undelivered in ${counted(queues.length, "queue")}`)] : []),
    ...waiting.map(({ name, messages }) => ok(`${counted(messages, "message")} waiting in ${name}`)),
  ];
}

/** Whether Firehose has written error outputs. */
export const errorsCheck = deployedCheck("error prefixes", async ({ config, outputs }) => {
  const client = new S3Client(config);
  const Bucket = outputs.LakeBucketName;
  try {
    const { Contents = [], IsTruncated = false } = await client.send(
      new ListObjectsV2Command({ Bucket, Prefix: ERRORS_PREFIX }),
    );
    return errorFindings(
      Contents.map(({ Key = "" }) => Key),
      IsTruncated,
      Bucket,
    );
  } catch (error) {
    return [failed(`s3://${Bucket}/${ERRORS_PREFIX}`, error, "s3:ListBucket")];
  } finally {
    client.destroy();
  }
});

/** @param keys `errors/<table>/<kind of error>/dt=…/…`, or one level deeper */
export function errorFindings(keys: readonly string[], areMore: boolean, bucket: string): Finding[] {
  if (keys.length === 0) return [ok(`nothing under s3://${bucket}/${ERRORS_PREFIX}`)];
  const places = Map.groupBy(keys, (key) => key.replace(/(^|\/)dt=.*$/, ""));
  return [
    ...[...places].map(([place, found]) =>
      wrong(
        `${counted(found.length, "object")} under s3://${bucket}/${place}`,
        "each line has the reason and the original in base64; fix the reason, then run `npx doorstep redrive`",
      ),
    ),
    ...(areMore ? [unknown(`more objects than the ${keys.length} listed`)] : []),
  ];
}
