import type { Clock } from "../../base/clock.ts";
import { HOUR_MS } from "../../base/durations.ts";
import type { AwsError } from "../errors.ts";
import { visibilityBeyondLimit } from "./errors.ts";
import type { SqsStore } from "./stores.ts";
import { onEveryQueue } from "./every-queue.ts";

/** Documented (SQS guide, visibility timeout): 12 hours from the receive, which a later change does not extend. */
const MOST_MS = 12 * HOUR_MS;

interface Change {
  readonly ReceiptHandle?: string;
  readonly VisibilityTimeout?: number;
}

/** A request of ChangeMessageVisibility or ChangeMessageVisibilityBatch. */
export interface VisibilityRequest extends Change {
  readonly QueueUrl?: string;
  readonly Entries?: readonly (Change & { readonly Id?: string })[];
}

/** An entry of a batch that is refused (documented: SQS API reference, BatchResultErrorEntry). */
export interface FailedEntry {
  readonly Id: string | undefined;
  readonly SenderFault: true;
  readonly Code: string;
  readonly Message: string;
}

/**
 * When messages were received, which fauxqs does not keep: a message may be invisible for 12 hours from then. What was
 * received before a restart may be invisible for longer.
 */
export class Receives {
  readonly #clock: Clock;
  readonly #store: SqsStore;
  /** By fauxqs's entry of a message in flight, which it forgets when the message is visible again or deleted. */
  readonly #receivedAtMs = new WeakMap<object, number>();

  constructor(store: SqsStore, clock: Clock) {
    this.#store = store;
    this.#clock = clock;
    onEveryQueue(store, (queue) => {
      const dequeue = queue.dequeue.bind(queue);
      queue.dequeue = (...given) => {
        const received = dequeue(...given);
        for (const { ReceiptHandle } of received) {
          const entry = queue.inflightMessages.get(ReceiptHandle);
          if (entry) this.#receivedAtMs.set(entry, clock.now());
        }
        return received;
      };
    });
  }

  /** The error of a change beyond the limit, which SQS refuses instead of shortening it (documented). */
  refusal(queueName: string, { ReceiptHandle = "", VisibilityTimeout = 0 }: Change): AwsError | undefined {
    const entry = this.#store.getQueueByName(queueName)?.inflightMessages.get(ReceiptHandle);
    const receivedAtMs = entry && this.#receivedAtMs.get(entry);
    if (receivedAtMs === undefined) return undefined;
    const endMs = this.#clock.now() + VisibilityTimeout * 1000;
    return endMs - receivedAtMs > MOST_MS ? visibilityBeyondLimit(VisibilityTimeout) : undefined;
  }

  /** The entries of a batch that are beyond the limit, and the others. */
  split(queueName: string, { Entries = [] }: VisibilityRequest) {
    const failed: FailedEntry[] = [];
    const others = Entries.filter((entry) => {
      const error = this.refusal(queueName, entry);
      if (error) failed.push({ Id: entry.Id, SenderFault: true, Code: error.code, Message: error.message });
      return error === undefined;
    });
    return { failed, others };
  }
}
