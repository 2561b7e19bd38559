import type { Clock } from "../../base/clock.ts";
import type { SqsQueue, SqsStore } from "./stores.ts";
import { onEveryQueue } from "./every-queue.ts";

/**
 * Makes the delays and visibility timeouts of queues follow the clock. fauxqs computes them from the machine's time: when
 * the clock was turned, its deadlines are moved by the same amount before it reads them. They are stored in the clock's time,
 * so that a restart goes on where the clock was.
 * @param follows whether a queue follows the clock
 */
export function followClock(store: SqsStore, clock: Clock, follows: (queueName: string) => boolean): void {
  onEveryQueue(store, (queue) => {
    if (follows(queue.name)) followOne(queue, clock);
  });
}

function followOne(queue: SqsQueue, clock: Clock): void {
  const { persistence } = queue;
  if (persistence)
    queue.persistence = Object.assign(Object.create(persistence) as typeof persistence, {
      insertMessage: ((name, message) =>
        persistence.insertMessage(
          name,
          message.delayUntil ? { ...message, delayUntil: message.delayUntil + clock.offsetMs } : message,
        )) satisfies typeof persistence.insertMessage,
      updateMessageInflight: ((id, handle, deadlineMs, ...counts) =>
        persistence.updateMessageInflight(
          id,
          handle,
          deadlineMs + clock.offsetMs,
          ...counts,
        )) satisfies typeof persistence.updateMessageInflight,
    });
  // What was stored has the clock's time.
  let followedMs = 0;
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
