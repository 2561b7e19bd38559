/** An event pattern that EventBridge would not take. */
export class PatternError extends Error {
  /** @param path the field in question; empty for the pattern as a whole */
  constructor(path: string, reason: string) {
    super(`Event pattern is not valid. Reason: ${path ? `${path}: ` : ""}${reason}`);
    this.name = "InvalidEventPatternException";
  }
}
