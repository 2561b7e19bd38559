/** A file's size and modification time. */
export interface FileState {
  readonly sizeBytes: number;
  readonly modifiedAtMs: number;
}

/** A file's state, and since when it has not changed. */
export interface WatchedFile extends FileState {
  readonly sinceMs: number;
}

/** A watched file that has not changed for this long is finished. */
const SETTLED_MS = 3_000;
/** A file that was last written this long ago is finished without being watched: it was moved in whole, or is old. */
const OLD_MS = 30_000;

/** Records a file's state; `sinceMs` starts anew when it has changed. */
export function observe(before: WatchedFile | undefined, state: FileState, nowMs: number): WatchedFile {
  const isSame = before?.sizeBytes === state.sizeBytes && before.modifiedAtMs === state.modifiedAtMs;
  return { ...state, sinceMs: isSame ? before.sinceMs : nowMs };
}

/** Whether the file seems to be written completely. The clocks of file servers may differ from ours. */
export function isFinished({ sizeBytes, modifiedAtMs, sinceMs }: WatchedFile, nowMs: number): boolean {
  return sizeBytes > 0 && (nowMs - sinceMs >= SETTLED_MS || nowMs - modifiedAtMs >= OLD_MS);
}
