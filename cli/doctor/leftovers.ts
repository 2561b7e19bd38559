import { ListObjectsV2Command, S3Client } from "@aws-sdk/client-s3";
import { GetQueueAttributesCommand, SQSClient } from "@aws-sdk/client-sqs";
import { errorMessage } from "../../base/errors.ts";
import { textObjects, type TextObjects } from "../../operator/objects.ts";
import { REDRIVEN_PREFIX } from "../../operator/redrive/error-outputs.ts";
import { readNotification } from "../../operator/redrive/quarantined.ts";
import { isUnread, readErrorLine } from "../../operator/redrive/read-failures.ts";
import { LAKE_TABLE_NAMES } from "../../schemas/tables/lake-tables.ts";
import { counted } from "../text.ts";
import { deployedCheck } from "./check.ts";
import { failed, ok, unknown, wrong, type Finding } from "./finding.ts";

const ERRORS_PREFIX = "errors/";
/** How many objects of one kind of error are read. */
const MAX_OBJECTS_READ = 20;

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

/** Error objects of one kind, with the records of those that were read. */
export interface ErrorPlace {
  /** `errors/<table>/<kind of error>`, or one level deeper. */
  readonly prefix: string;
  readonly objects: number;
  readonly read: {
    readonly objects: number;
    readonly lines: readonly string[];
    /** Why there is no more. */
    readonly failure: string;
  };
}

/** Whether Firehose has written error outputs, and why. */
export const errorsCheck = deployedCheck("error prefixes", async ({ config, outputs, nowMs }) => {
  const client = new S3Client({ ...config, forcePathStyle: true });
  const Bucket = outputs.LakeBucketName;
  try {
    const { Contents = [], IsTruncated = false } = await client.send(
      new ListObjectsV2Command({ Bucket, Prefix: ERRORS_PREFIX }),
    );
    const keys = Contents.map(({ Key = "" }) => Key).filter((key) => !key.startsWith(REDRIVEN_PREFIX));
    const places = Map.groupBy(keys, (key) => key.replace(/(^|\/)dt=.*$/, ""));
    const objects = textObjects(Bucket, client);
    const found = [...places].map(async ([prefix, kept]) => ({
      prefix,
      objects: kept.length,
      read: await readRecords(kept.slice(0, MAX_OBJECTS_READ), objects),
    }));
    return errorFindings(await Promise.all(found), IsTruncated, Bucket, nowMs);
  } catch (error) {
    return [failed(`s3://${Bucket}/${ERRORS_PREFIX}`, error, "s3:ListBucket")];
  } finally {
    client.destroy();
  }
});

/** Reads objects one by one, until one is refused. */
async function readRecords(keys: readonly string[], objects: TextObjects): Promise<ErrorPlace["read"]> {
  const lines: string[] = [];
  for (const [index, key] of keys.entries())
    try {
      lines.push(...(await objects.read(key)).split("\n").filter((line) => line.trim() !== ""));
    } catch (error) {
      return { objects: index, lines, failure: errorMessage(error) };
    }
  return { objects: keys.length, lines, failure: "its object is empty" };
}

export function errorFindings(
  places: readonly ErrorPlace[],
  areMore: boolean,
  bucket: string,
  nowMs: number,
): Finding[] {
  if (places.length === 0) return [ok(`nothing under s3://${bucket}/${ERRORS_PREFIX}`)];
  return [
    ...places.map((place) => {
      const { prefix, objects, read } = place;
      const among = read.objects < objects ? `the first ${read.objects} of ` : "";
      const [first, todo] = firstOf(place, nowMs);
      return wrong(
        `${counted(read.lines.length, "record")} in ${among}${counted(objects, "object")} under s3://${bucket}/${prefix}; ${first}`,
        todo,
      );
    }),
    ...(areMore ? [unknown(`more objects than the first 1000 under s3://${bucket}/${ERRORS_PREFIX}`)] : []),
  ];
}

/** What is known about the first record of a place, and what to do about it. */
function firstOf({ prefix, read }: ErrorPlace, nowMs: number): readonly [first: string, todo: string] {
  const [line] = read.lines;
  if (line === undefined)
    return [`the first cannot be read: ${read.failure}`, "allow s3:GetObject on errors/*"];
  const fix = "fix the reason, then run `npx doorstep redrive`";
  const record = readErrorLine(line);
  if (!record.ok) return [`the first is not Firehose's: ${record.reason}`, "move it out of errors/"];
  const { code, message, data } = record.value;
  if (!isUnread(record.value)) return [`the first: ${code}: ${message}`, fix];
  const table = LAKE_TABLE_NAMES.find((name) => prefix.includes(`/${name}`)) ?? "detection_records";
  const now = readNotification(data, table, nowMs);
  if (now.ok) return ["the first can be read by now", "run `npx doorstep redrive`"];
  return [
    `the first: ${now.reason}`,
    "its bytes are kept: correct what publishes it, or run `npx doorstep redrive` after an update that reads it",
  ];
}
