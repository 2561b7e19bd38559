import type { RedrivePath } from "../../schemas/failure-paths/failure-path.ts";

/** Something that was not put back, and why. */
export interface Left {
  /** A message's id, or an object's key. */
  readonly what: string;
  readonly reason: string;
}

/** What became of one path. */
export interface PathReport {
  readonly path: RedrivePath;
  /** How many messages or records waited; of queues about as many. */
  readonly waiting: number;
  readonly redriven: number;
  readonly left: readonly Left[];
  /** Why the path could not be gone to its end. */
  readonly failure?: string;
}

/** What a path's redrive is run with. */
export interface RedriveOptions {
  /** Puts back also what failed again after an earlier redrive. */
  readonly again: boolean;
  readonly dryRun: boolean;
  readonly signal: AbortSignal;
  readonly progress: (done: number, waiting: number) => void;
}

/** Counts what is put back, and what is left. */
export class Tally {
  waiting = 0;
  redriven = 0;
  readonly left: Left[] = [];

  leave(what: string, reason: string): void {
    this.left.push({ what, reason });
  }
}

/** Puts back one path; it throws for what keeps all of the path from being put back. */
export type Redrive = (tally: Tally, options: RedriveOptions) => Promise<void>;

export const FAILED_AGAIN =
  "it failed again for the reason it had before its last redrive; --again puts it back";
