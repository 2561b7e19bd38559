import type { SqsQueue, SqsStore } from "./stores.ts";

/** Changes each queue of the store, and each that is created later. */
export function onEveryQueue(store: SqsStore, change: (queue: SqsQueue) => void): void {
  for (const queue of store.allQueues()) change(queue);
  const create = store.createQueue.bind(store);
  store.createQueue = (...given) => {
    const queue = create(...given);
    change(queue);
    return queue;
  };
}
