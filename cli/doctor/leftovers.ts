import { ListObjectsV2Command, S3Client } from "@aws-sdk/client-s3";
import { GetQueueAttributesCommand, SQSClient } from "@aws-sdk/client-sqs";
import { counted } from "../text.ts";
import { deployedCheck } from "./check.ts";
import { failed, ok, unknown, wrong, type Finding } from "./finding.ts";

const ERRORS_PREFIX = "errors/";

/** What a queue has in it. */
export interface QueueLook {
  readonly name: string;
  readonly messages: number;
  /** A queue that others' messages end in when they could not be handled: it has no way on itself. */
  readonly isLast: boolean;
}

/** Whether messages lie where nobody takes them from. */
export const queuesCheck = deployedCheck("queues", async ({ config, resources }) => {
  const client = new SQSClient(config);
  try {
    const looks: QueueLook[] = [];
    for (const { type, physicalId } of resources)
      if (type === "AWS::SQS::Queue") {
        const { Attributes = {} } = await client.send(
          new GetQueueAttributesCommand({ QueueUrl: physicalId, AttributeNames: ["All"] }),
        );
        const counts = [
          Attributes.ApproximateNumberOfMessages,
          Attributes.ApproximateNumberOfMessagesNotVisible,
        ];
        looks.push({
          name: physicalId.split("/").at(-1)!,
          messages: counts.reduce((sum, count = "0") => sum + Number(count), 0),
          isLast: !Attributes.RedrivePolicy,
        });
      }
    return queueFindings(looks);
  } catch (error) {
    return [failed("the queues", error, "sqs:GetQueueAttributes")];
  } finally {
    client.destroy();
  }
});

export function queueFindings(queues: readonly QueueLook[]): Finding[] {
  const stuck = queues.filter(({ isLast, messages }) => isLast && messages > 0);
  const atWork = queues.filter(({ isLast, messages }) => !isLast && messages > 0);
  return [
    ...stuck.map(({ name, messages }) =>
      wrong(
        `${counted(messages, "message")} in ${name} that could not be delivered or handled`,
        "see the functions' logs for the reason, mend it, then `doorstep redrive` puts them back",
      ),
    ),
    ...(stuck.length === 0 ? [ok(`nothing undelivered in ${counted(queues.length, "queue")}`)] : []),
    ...atWork.map(({ name, messages }) =>
      ok(`${counted(messages, "message")} wait in ${name} for their turn`),
    ),
  ];
}

/** Whether Firehose had to put anything aside. */
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
        "each line has the reason and the original in base64; see the transform's log, then put them back",
      ),
    ),
    ...(areMore ? [unknown(`and more than these ${keys.length}`)] : []),
  ];
}
