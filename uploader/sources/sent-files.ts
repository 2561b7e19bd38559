import { appendFile, readFile, rename, writeFile } from "node:fs/promises";
import * as v from "valibot";
import type { Look } from "./watch.ts";

/** Hidden, so that the folder's own users need not see it. */
export const STATE_FILE = ".doorstep-sent.jsonl";

const entry = v.object({
  stream: v.string(),
  sha256: v.string(),
  /** As it looked when it was hashed: a file that looks the same needs no hashing. */
  name: v.string(),
  sizeBytes: v.number(),
  modifiedAtMs: v.number(),
  startMs: v.number(),
  /** Fragments below this one are safe. */
  safeBelow: v.number(),
  isDone: v.boolean(),
});

/** What is remembered of one file's way into one stream. */
export type SentFile = v.InferOutput<typeof entry>;

/**
 * What was sent from a folder, by content: lines of JSON that are only ever added, so that a crash loses the last at
 * most. The latest line of a stream and content counts.
 */
export class SentFiles {
  readonly #path: string;
  readonly #stream: string;
  readonly #byHash = new Map<string, SentFile>();
  readonly #hashByLook = new Map<string, string>();

  private constructor(path: string, stream: string) {
    this.#path = path;
    this.#stream = stream;
  }

  /** Reads the state file, if there is one, and leaves out of it what has been superseded. */
  static async open(path: string, stream: string): Promise<SentFiles> {
    const files = new SentFiles(path, stream);
    const text = await readFile(path, "utf8").catch((error: NodeJS.ErrnoException) => {
      if (error.code === "ENOENT") return "";
      throw error;
    });
    const latest = new Map<string, SentFile>();
    for (const line of text.split("\n")) {
      const parsed = v.safeParse(entry, parseJson(line));
      if (parsed.success) latest.set(`${parsed.output.stream} ${parsed.output.sha256}`, parsed.output);
    }
    for (const one of latest.values()) if (one.stream === stream) files.#remember(one);
    if (text !== "") {
      await writeFile(`${path}.part`, [...latest.values()].map(lineOf).join(""));
      await rename(`${path}.part`, path);
    }
    return files;
  }

  find(sha256: string): SentFile | undefined {
    return this.#byHash.get(sha256);
  }

  /** The hash of a file that looks the way it did when it was hashed. */
  hashOf(name: string, look: Look): string | undefined {
    return this.#hashByLook.get(lookKey(name, look));
  }

  async record(file: Omit<SentFile, "stream">): Promise<void> {
    const one = { ...file, stream: this.#stream };
    this.#remember(one);
    await appendFile(this.#path, lineOf(one));
  }

  #remember(one: SentFile): void {
    this.#byHash.set(one.sha256, one);
    this.#hashByLook.set(lookKey(one.name, one), one.sha256);
  }
}

const lineOf = (one: SentFile): string => `${JSON.stringify(one)}\n`;
const lookKey = (name: string, { sizeBytes, modifiedAtMs }: Look): string =>
  `${name} ${sizeBytes} ${modifiedAtMs}`;

function parseJson(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
