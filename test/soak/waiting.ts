import { GetQueueAttributesCommand, paginateListQueues, SQSClient } from "@aws-sdk/client-sqs";
import type { ClientConfig } from "../../local/cloud.ts";
import type { Fleet } from "../../operator/fleet.ts";
import type { Interval } from "../../schemas/session.ts";

const ATTRIBUTES = [
  "ApproximateNumberOfMessages",
  "ApproximateNumberOfMessagesNotVisible",
  "ApproximateNumberOfMessagesDelayed",
] as const;

/** A camera whose motion is not in the ledger yet. */
interface WaitingCamera {
  readonly cameraId: string;
  readonly missing: readonly Interval[];
}

/** What is on its way, a line each: the queues that hold messages, SNS's own among them, and the cameras' records. */
export async function waitsFor(
  fleet: Fleet,
  config: ClientConfig,
  cameras: readonly WaitingCamera[],
): Promise<string[]> {
  const lines = await queuesInUse(config);
  const known = await fleet.list();
  for (const { cameraId, missing } of cameras) {
    const camera = known.find((one) => one.cameraId === cameraId);
    const { session } = camera ? await fleet.stateOf(camera) : {};
    lines.push(`${cameraId} lacks ${JSON.stringify(missing)}, its record is ${JSON.stringify(session)}`);
  }
  return lines;
}
async function queuesInUse(config: ClientConfig): Promise<string[]> {
  const sqs = new SQSClient(config);
  try {
    const inUse: string[] = [];
    for await (const { QueueUrls = [] } of paginateListQueues({ client: sqs }, {}))
      for (const QueueUrl of QueueUrls) {
        const { Attributes = {} } = await sqs.send(
          new GetQueueAttributesCommand({ QueueUrl, AttributeNames: [...ATTRIBUTES] }),
        );
        const [visible, invisible, delayed] = ATTRIBUTES.map((name) => Number(Attributes[name]));
        if (visible! + invisible! + delayed! > 0)
          inUse.push(
            `${QueueUrl.split("/").at(-1)}: ${visible} visible, ${invisible} in flight, ${delayed} delayed`,
          );
      }
    return inUse;
  } finally {
    sqs.destroy();
  }
}
