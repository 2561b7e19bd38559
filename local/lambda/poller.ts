/** What reads an event source for a function. */
export interface Poller {
  start(): void;
  /** Reads no further; resolves once nothing is in progress that moves a checkpoint. */
  stop(): Promise<void>;
  /** The result of the last invocation, as descriptions of the mapping have it. */
  readonly lastResult?: string;
}
