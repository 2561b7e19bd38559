import { existsSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as v from "valibot";
import { labelsFileOf } from "../cli/labels.ts";
import type { Clip } from "./clips.ts";

const entries = v.pipe(v.string(), v.parseJson(), v.record(v.string(), v.string()));

/** Which clips were analysed with a data folder's state, and in which session: its `demo.json`. */
export class Played {
  readonly #file: string;
  /** Session ids by the identity of the clip. */
  readonly #sessionIds: Map<string, string>;

  constructor(dataFolder: string) {
    this.#file = join(dataFolder, "demo.json");
    const found = v.safeParse(entries, existsSync(this.#file) ? readFileSync(this.#file, "utf8") : undefined);
    this.#sessionIds = new Map(Object.entries(found.success ? found.output : {}));
  }

  /** The session that analysed the clip; undefined for a clip that is new, or that has changed since. */
  sessionOf(clip: Clip): string | undefined {
    return this.#sessionIds.get(identityOf(clip));
  }

  add(clip: Clip, sessionId: string): void {
    this.#sessionIds.set(identityOf(clip), sessionId);
    writeFileSync(this.#file, `${JSON.stringify(Object.fromEntries(this.#sessionIds), undefined, 2)}\n`);
  }
}

/** The engine, whether faces are searched, the clip's path, and size and time of it and its labels. */
function identityOf({ file, engine, searchesFaces }: Clip): string {
  const parts = [file, labelsFileOf(file)].map((path) => statSync(path, { throwIfNoEntry: false }));
  return [
    searchesFaces ? `${engine} with faces` : engine,
    file,
    ...parts.map((stats) => (stats ? `${stats.size} bytes of ${stats.mtime.toISOString()}` : "none")),
  ].join(", ");
}
