import type { buildApp } from "fauxqs";
import type { Clock } from "../../base/clock.ts";

export type SqsStore = NonNullable<
  NonNullable<NonNullable<Parameters<typeof buildApp>[0]>["stores"]>["sqsStore"]
>;
type SqsQueue = ReturnType<SqsStore["createQueue"]>;

/**
 * Makes the delays and visibility timeouts of queues follow the clock. fauxqs computes them from the machine's time: when
 * the clock was turned, its deadlines are moved by the same amount before it reads them.
 * @param follows whether a queue follows the clock
 */
export function followClock(store: SqsStore, clock: Clock, follows: (queueName: string) => boolean): void {
  onEveryQueue(store, (queue) => {
    if (follows(queue.name)) followOne(queue, clock);
  });
}

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

function followOne(queue: SqsQueue, clock: Clock): void {
  let followedMs = clock.offsetMs;
  const catchUp = (): void => {
    const turnedMs = clock.offsetMs - followedMs;
    followedMs = clock.offsetMs;
    if (turnedMs === 0) return;
    for (const entry of queue.inflightMessages.values()) entry.visibilityDeadline -= turnedMs;
    for (const message of [...queue.delayedMessages, ...[...queue.fifoDelayed.values()].flat()])
      if (message.delayUntil) message.delayUntil -= turnedMs;
  };
  // fauxqs calls processTimers before it returns messages, and every 20 ms while a receive call waits for one.
  const processTimers = queue.processTimers.bind(queue);
  queue.processTimers = () => {
    catchUp();
    processTimers();
  };
  const enqueue = queue.enqueue.bind(queue);
  queue.enqueue = (message) => {
    catchUp();
    if (message.approximateReceiveCount === 0) message.sentTimestamp += clock.offsetMs;
    enqueue(message);
  };
  const changeVisibility = queue.changeVisibility.bind(queue);
  queue.changeVisibility = (handle, timeoutSeconds) => {
    catchUp();
    changeVisibility(handle, timeoutSeconds);
  };
}
