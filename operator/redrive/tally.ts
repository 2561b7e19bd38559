import type { RedrivePath } from "../../schemas/failure-paths/failure-path.ts";

/** A message or record that was not put back, and why. */
export interface Left {
  /** A message's id, or an object's key. */
  readonly what: string;
  readonly reason: string;
}

/** The result of one path. */
export interface PathSummary {
  readonly path: RedrivePath;
  /** How many messages or records waited; approximate for queues. */
  readonly waiting: number;
  readonly redriven: number;
  readonly left: readonly Left[];
  /** The error that ended the path early. */
  readonly failure?: string;
}

export interface RedriveOptions {
  /** Also puts back what failed again after an earlier redrive. */
  readonly again: boolean;
  readonly dryRun: boolean;
  readonly signal: AbortSignal;
  readonly progress: (done: number, waiting: number) => void;
}

/** Counts what was put back, and lists what is left. */
export class Tally {
  waiting = 0;
  redriven = 0;
  readonly left: Left[] = [];

  leave(what: string, reason: string): void {
    this.left.push({ what, reason });
  }
}

/** Puts back one path. @throws Error when the path cannot go on */
export type Redrive = (tally: Tally, options: RedriveOptions) => Promise<void>;

export const FAILED_AGAIN = "it failed again for the same reason after a redrive; --again puts it back";
