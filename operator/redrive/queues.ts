import { BATCH_SIZE, type DeadLetter, type DeadLetters } from "../dead-letters.ts";
import { FAILED_AGAIN, type Redrive } from "./report.ts";

/** More than one run puts back of a queue; what is left is the next run's. */
const MAX_MESSAGES = 100_000;

/** Hands messages on; returns for each why it was not taken, or nothing. */
export type HandOn = (letters: readonly DeadLetter[]) => Promise<(string | undefined)[]>;

/** A dead-letter queue put back: each message is deleted only once it was taken. */
export const redriveQueue =
  (queue: DeadLetters, handOn: HandOn): Redrive =>
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
            tally.leave(
              "the queue",
              "what lies behind these messages cannot be reached before they are gone",
            );
          return;
        }
        for (const { id } of fresh) seen.add(id);
        const due = fresh.filter(({ wasRedriven }) => again || !wasRedriven);
        const refusals = await handOn(due);
        const taken = due.filter((_letter, index) => refusals[index] === undefined);
        await queue.delete(taken);
        tally.redriven += taken.length;
        for (const [index, { id }] of due.entries())
          if (refusals[index] !== undefined) tally.leave(id, refusals[index]);
        for (const { id } of fresh.filter((letter) => !due.includes(letter))) tally.leave(id, FAILED_AGAIN);
        held.splice(0, held.length, ...held.filter((letter) => !taken.includes(letter)));
        // Held messages of a group would keep those behind them from being received.
        if (queue.isFifo) await queue.release(held.splice(0));
        progress(seen.size, tally.waiting);
      }
    } finally {
      await queue.release(held);
    }
  };
