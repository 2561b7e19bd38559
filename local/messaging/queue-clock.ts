import type { buildApp } from "fauxqs";
import type { Clock } from "../../base/clock.ts";

export type SqsStore = NonNullable<
  NonNullable<NonNullable<Parameters<typeof buildApp>[0]>["stores"]>["sqsStore"]
>;
export type SqsQueue = ReturnType<SqsStore["createQueue"]>;

/**
 * Lets every queue's delays and visibility timeouts run on the clock. fauxqs reckons them on the machine's time; when
 * the clock was turned, the deadlines that it holds are brought nearer by as much, before anything else looks at them.
 * @param follows which queues
 */
export function followClock(store: SqsStore, clock: Clock, follows: (queueName: string) => boolean): void {
  const follow = (queue: SqsQueue): SqsQueue => {
    if (follows(queue.name)) followOne(queue, clock);
    return queue;
  };
  for (const queue of store.allQueues()) follow(queue);
  const create = store.createQueue.bind(store);
  store.createQueue = (...given) => follow(create(...given));
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
  // fauxqs calls processTimers before it hands out messages, and every 20 ms while somebody waits for one.
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
