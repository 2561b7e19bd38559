import type { Fauxqs } from "../fauxqs.ts";
import { onEveryQueue } from "./every-queue.ts";
import type { SqsStore } from "./stores.ts";

/** A message that is being delivered. */
export interface TakenMessage {
  readonly id: string;
  readonly body: string;
  readonly traceHeader: string | undefined;
  readonly receiptHandle: string;
}

const VISIBILITY_TIMEOUT_SECONDS = 60;
const WAIT_SECONDS = 20;
/** What the store returns at once. */
const MESSAGES_PER_CALL = 10;

const PREFIX = "sns-delivery-";

/** The name of the queue of a subscription. */
export const deliveryQueueName = (subscription: string): string => PREFIX + subscription;

/** Whether a queue is between a topic and a function or a delivery stream. */
export const isDeliveryQueue = (queueName: string): boolean => queueName.startsWith(PREFIX);

/** Stores no receives of these queues: only this process receives from them, so a restart has received nothing. */
export function forgetReceives(store: SqsStore): void {
  onEveryQueue(store, (queue) => {
    const { persistence } = queue;
    if (!persistence || !isDeliveryQueue(queue.name)) return;
    queue.persistence = Object.assign(Object.create(persistence) as typeof persistence, {
      updateMessageInflight: () => undefined,
      updateMessageReady: () => undefined,
    });
  });
}

/**
 * The queue of a subscription, read in this process: no caller but the delivery uses it, so that a request for every ten
 * messages, and one for each that is removed, would only cost time. Messages that are taken and neither removed nor put
 * back are visible again after a minute, and after a restart, also one after a kill.
 */
export class DeliveryQueue {
  readonly #fauxqs: Fauxqs;
  readonly #name: string;

  constructor(fauxqs: Fauxqs, name: string) {
    this.#fauxqs = fauxqs;
    this.#name = name;
  }

  /** The oldest messages, in order; at least ten if there are as many, whatever their size. */
  take(limits: { readonly count: number; readonly bytes: number }): TakenMessage[] {
    const taken: TakenMessage[] = [];
    let bytes = 0;
    while (taken.length < limits.count && bytes < limits.bytes) {
      const most = Math.min(MESSAGES_PER_CALL, limits.count - taken.length);
      const messages = this.#queue.dequeue(most, VISIBILITY_TIMEOUT_SECONDS);
      if (messages.length === 0) break;
      for (const { MessageId: id, Body: body, ReceiptHandle: receiptHandle } of messages) {
        taken.push({ id, body, receiptHandle, traceHeader: this.#fauxqs.traceHeaders.of(id) });
        bytes += Buffer.byteLength(body);
      }
    }
    return taken;
  }

  /** The ids of all messages: those that wait, and those that are taken. */
  ids(): string[] {
    const { messages, inflightMessages } = this.#queue;
    return [...messages, ...[...inflightMessages.values()].map(({ message }) => message)].map(
      ({ messageId }) => messageId,
    );
  }

  /** Resolves when there may be messages, or after `stopWaiting`. */
  async wait(): Promise<void> {
    await this.#queue.waitForMessages(WAIT_SECONDS);
  }

  stopWaiting(): void {
    this.#queue.cancelWaiters();
  }

  remove(messages: readonly TakenMessage[]): void {
    this.#fauxqs.inOneCommit(() => {
      for (const { receiptHandle } of messages) this.#queue.deleteMessage(receiptHandle);
    });
  }

  /** Makes messages visible again. */
  putBack(messages: readonly TakenMessage[]): void {
    for (const { receiptHandle } of messages) this.#queue.changeVisibility(receiptHandle, 0);
  }

  get #queue() {
    const queue = this.#fauxqs.queues.getQueueByName(this.#name);
    if (!queue) throw new Error(`the queue ${this.#name} of a subscription is missing`);
    return queue;
  }
}
