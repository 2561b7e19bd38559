import { AsyncLocalStorage } from "node:async_hooks";
import type { SqsStore } from "./stores.ts";
import { onEveryQueue } from "./every-queue.ts";

/** Older messages lose their header, which only counts a chain of invocations. */
const MAX_MESSAGES = 100_000;

/**
 * The trace header of the request that sent a message, which SQS keeps as its system attribute `AWSTraceHeader` and SNS
 * hands on to the queues of its subscriptions (documented: SQS guide, "Message system attributes"; X-Ray guide). Kept in
 * memory: a chain of invocations is counted from zero after a restart.
 */
export class TraceHeaders {
  readonly #request = new AsyncLocalStorage<string | undefined>();
  readonly #byMessageId = new Map<string, string>();

  /** Runs a request's handling; messages that it enqueues get the header. */
  during<T>(header: string | undefined, handle: () => T): T {
    return this.#request.run(header, handle);
  }

  of(messageId: string | undefined): string | undefined {
    return messageId === undefined ? undefined : this.#byMessageId.get(messageId);
  }

  /** Keeps the header of every message that enters a queue of the store. */
  follow(store: SqsStore): void {
    onEveryQueue(store, (queue) => {
      const enqueue = queue.enqueue.bind(queue);
      queue.enqueue = (message) => {
        this.#keep(message.messageId);
        enqueue(message);
      };
    });
  }

  #keep(messageId: string): void {
    const header = this.#request.getStore();
    if (header === undefined) return;
    this.#byMessageId.set(messageId, header);
    if (this.#byMessageId.size <= MAX_MESSAGES) return;
    const [oldest] = this.#byMessageId.keys();
    this.#byMessageId.delete(oldest!);
  }
}
