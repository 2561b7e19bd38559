import { GetQueueAttributesCommand, paginateListQueues, SQSClient } from "@aws-sdk/client-sqs";
import { systemClock } from "../../base/clock.ts";
import { pollUntil } from "../../base/poll.ts";
import type { ClientConfig } from "../../local/cloud.ts";
import type { Fleet } from "../../operator/fleet.ts";
import type { Interval } from "../../schemas/session.ts";

const POLL_MS = 1000;
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
  const lines = (await queuesInUse(config)).map(
    ({ name, visible, inFlight, delayed }) =>
      `${name}: ${visible} visible, ${inFlight} in flight, ${delayed} delayed`,
  );
  const known = await fleet.list();
  for (const { cameraId, missing } of cameras) {
    const camera = known.find((one) => one.cameraId === cameraId);
    const { session } = camera ? await fleet.stateOf(camera) : {};
    lines.push(`${cameraId} lacks ${JSON.stringify(missing)}, its record is ${JSON.stringify(session)}`);
  }
  return lines;
}

/** Resolves once no queue has visible messages, or after some time. */
export async function messagesReceived(config: ClientConfig, withinMs: number): Promise<void> {
  const areReceived = async (): Promise<true | undefined> =>
    (await queuesInUse(config)).every(({ visible }) => visible === 0) || undefined;
  await pollUntil(areReceived, { clock: systemClock, everyMs: POLL_MS, withinMs });
}

interface QueueInUse {
  readonly name: string;
  readonly visible: number;
  readonly inFlight: number;
  readonly delayed: number;
}

async function queuesInUse(config: ClientConfig): Promise<QueueInUse[]> {
  const sqs = new SQSClient(config);
  try {
    const queues: QueueInUse[] = [];
    for await (const { QueueUrls = [] } of paginateListQueues({ client: sqs }, {}))
      for (const QueueUrl of QueueUrls) {
        const { Attributes = {} } = await sqs.send(
          new GetQueueAttributesCommand({ QueueUrl, AttributeNames: [...ATTRIBUTES] }),
        );
        const [visible = 0, inFlight = 0, delayed = 0] = ATTRIBUTES.map((name) => Number(Attributes[name]));
        queues.push({ name: QueueUrl.split("/").at(-1)!, visible, inFlight, delayed });
      }
    return queues.filter(({ visible, inFlight, delayed }) => visible + inFlight + delayed > 0);
  } finally {
    sqs.destroy();
  }
}
