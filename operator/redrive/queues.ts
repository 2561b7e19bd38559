import { BATCH_SIZE, type DeadLetter, type DeadLetters } from "../dead-letters.ts";
import { FAILED_AGAIN, type Redrive } from "./tally.ts";

/** The most messages of a queue that one run puts back; the next run goes on with the rest. */
const MAX_MESSAGES = 100_000;

/** Delivers messages to their destination; returns for each why it was refused, or undefined. */
export type Deliver = (letters: readonly DeadLetter[]) => Promise<(string | undefined)[]>;

/** Puts back the messages of a dead-letter queue; each is deleted only when its destination has accepted it. */
export const redriveQueue =
  (queue: DeadLetters, deliver: Deliver): Redrive =>
  async (tally, { again, dryRun, signal, progress }) => {
    tally.waiting = await queue.count();
    if (dryRun || tally.waiting === 0) return;
    const seen = new Set<string>();
    const held: DeadLetter[] = [];
    try {
      while (seen.size < MAX_MESSAGES) {
        signal.throwIfAborted();
        const received = await queue.receive();
        const fresh = received.filter(({ id }) => !seen.has(id));
        held.push(...received);
        if (fresh.length === 0) {
          if (queue.isFifo && received.length === BATCH_SIZE)
            tally.leave("the queue", "messages behind these cannot be received until these are gone");
          return;
        }
        for (const { id } of fresh) seen.add(id);
        const due = fresh.filter(({ wasRedriven }) => again || !wasRedriven);
        const refusals = await deliver(due);
        const accepted = due.filter((_letter, index) => refusals[index] === undefined);
        await queue.delete(accepted);
        tally.redriven += accepted.length;
        for (const [index, { id }] of due.entries())
          if (refusals[index] !== undefined) tally.leave(id, refusals[index]);
        for (const { id } of fresh.filter((letter) => !due.includes(letter))) tally.leave(id, FAILED_AGAIN);
        held.splice(0, held.length, ...held.filter((letter) => !accepted.includes(letter)));
        // Messages of a group that are held would block those behind them.
        if (queue.isFifo) await queue.release(held.splice(0));
        progress(seen.size, tally.waiting);
      }
    } finally {
      await queue.release(held);
    }
  };
