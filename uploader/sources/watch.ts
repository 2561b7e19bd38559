/** What is seen of a file from outside. */
export interface Look {
  readonly sizeBytes: number;
  readonly modifiedAtMs: number;
}

/** A file and since when it has looked as it does. */
export interface Sighting extends Look {
  readonly sinceMs: number;
}

/** A file that has not changed for so long while it was watched is finished. */
export const SETTLED_MS = 3_000;
/** One that was last written so long ago needs no watching: it was moved in whole, or has lain there. */
export const OLD_MS = 30_000;

/** Notes how a file looks now; it begins anew when it changed. */
export function sight(before: Sighting | undefined, look: Look, nowMs: number): Sighting {
  const isSame = before?.sizeBytes === look.sizeBytes && before.modifiedAtMs === look.modifiedAtMs;
  return { ...look, sinceMs: isSame ? before.sinceMs : nowMs };
}

/** Whether nobody writes to the file any more, as far as can be told. Clocks of file servers may differ from ours. */
export function isFinished({ sizeBytes, modifiedAtMs, sinceMs }: Sighting, nowMs: number): boolean {
  return sizeBytes > 0 && (nowMs - sinceMs >= SETTLED_MS || nowMs - modifiedAtMs >= OLD_MS);
}
