/** The page's clock: nothing else in the page reads the time or waits. */
export const now = (): number => Date.now();

/** Calls `run` once, `delayMs` from now. @returns what cancels it */
export function after(delayMs: number, run: () => void): () => void {
  const timer = setTimeout(run, delayMs);
  return () => clearTimeout(timer);
}
