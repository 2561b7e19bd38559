import { appendFile, readFile, rename, writeFile } from "node:fs/promises";
import * as v from "valibot";
import type { FileState } from "./watch.ts";

/** The default name of the state file: hidden, since it is not a video. */
export const STATE_FILE = ".doorstep-sent.jsonl";

const entry = v.object({
  stream: v.string(),
  sha256: v.string(),
  /** The file's state when it was hashed: an unchanged file is not hashed again. */
  name: v.string(),
  sizeBytes: v.number(),
  modifiedAtMs: v.number(),
  startMs: v.number(),
  /** Fragments below this one are safe. */
  safeBelow: v.number(),
  isDone: v.boolean(),
});

/** The progress of one file's upload to one stream. */
type SentFile = v.InferOutput<typeof entry>;

/**
 * The files that were sent from a folder, by content: a file of JSON lines that are only appended, so that a crash loses at
 * most the last one. The last line of a stream and content is valid.
 */
export class SentFiles {
  readonly #path: string;
  readonly #stream: string;
  readonly #byHash = new Map<string, SentFile>();
  readonly #hashByState = new Map<string, string>();

  private constructor(path: string, stream: string) {
    this.#path = path;
    this.#stream = stream;
  }

  /** Reads the state file, if it exists, and rewrites it without superseded lines. */
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

  /** The hash of a file that has not changed since it was hashed. */
  hashOf(name: string, state: FileState): string | undefined {
    return this.#hashByState.get(stateKey(name, state));
  }

  async record(file: Omit<SentFile, "stream">): Promise<void> {
    const one = { ...file, stream: this.#stream };
    this.#remember(one);
    await appendFile(this.#path, lineOf(one));
  }

  #remember(one: SentFile): void {
    this.#byHash.set(one.sha256, one);
    this.#hashByState.set(stateKey(one.name, one), one.sha256);
  }
}

const lineOf = (one: SentFile): string => `${JSON.stringify(one)}\n`;
const stateKey = (name: string, { sizeBytes, modifiedAtMs }: FileState): string =>
  `${name} ${sizeBytes} ${modifiedAtMs}`;

function parseJson(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
