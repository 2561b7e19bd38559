import { setTimeout as sleep } from "node:timers/promises";
import { PublishBatchCommand, SNSClient } from "@aws-sdk/client-sns";
import type { ClientConfig } from "../../local/cloud.ts";
import type { SoakEvent } from "./soak-events.ts";

const BATCH = 10;
const RETRY_MS = 100;

/** Publishers of notifications, which try again until each one is acknowledged. */
export class Publishers {
  readonly acknowledged = new Set<SoakEvent>();
  readonly #topicArn: string;
  readonly #sns: SNSClient;

  constructor(topicArn: string, config: ClientConfig) {
    this.#topicArn = topicArn;
    this.#sns = new SNSClient({ ...config, maxAttempts: 1 });
  }

  /** Publishes all, in batches of ten, so many at a time; resolves when all are acknowledged. */
  async publish(order: readonly SoakEvent[], publishers: number): Promise<void> {
    let next = 0;
    const work = async (): Promise<void> => {
      while (next < order.length) {
        const batch = order.slice(next, (next += BATCH));
        let left = batch;
        while ((left = await this.#send(left)).length > 0) await sleep(RETRY_MS);
      }
    };
    await Promise.all(Array.from({ length: publishers }, work));
    this.#sns.destroy();
  }

  /** Publishes some; returns those that were not acknowledged. */
  async #send(batch: readonly SoakEvent[]): Promise<SoakEvent[]> {
    const PublishBatchRequestEntries = batch.map(({ text }, index) => ({
      Id: String(index),
      Message: text,
    }));
    const sent = await this.#sns
      .send(new PublishBatchCommand({ TopicArn: this.#topicArn, PublishBatchRequestEntries }))
      .catch(() => undefined);
    const acknowledged = new Set(sent?.Successful?.map(({ Id }) => Number(Id)));
    for (const index of acknowledged) this.acknowledged.add(batch[index]!);
    return batch.filter((_, index) => !acknowledged.has(index));
  }
}
