import { createInterface } from "node:readline/promises";
import { styleText } from "node:util";

/** A stream that text is written to; `isTTY` where it is a terminal. */
export type TextStream = NodeJS.WritableStream & { readonly isTTY?: boolean; readonly columns?: number };

/** A stream that answers are read from; `isTTY` where it is a terminal. */
export type InputStream = NodeJS.ReadableStream & { readonly isTTY?: boolean };

/** Formats of `styleText`, which omits colours for pipes and where NO_COLOR is set. */
type Style = "green" | "red" | "yellow" | "dim" | "bold";

const CLEAR_LINE = "\r\u001b[K";

/**
 * What a terminal would obey instead of print: control characters but line breaks and tabs, and characters that turn the
 * direction of text. The codes of {@link Style} are ours, and stay.
 */
// oxlint-disable-next-line no-control-regex -- an escape begins them
const OBEYED = /(\u001b\[(?:1|2|22|3[1-3]|39)m)|[\u202a-\u202e\u2066-\u2069]|(?![\n\t])\p{Cc}/gu;
/** The same in JSON, where texts may hold any character by its escape. */
const OBEYED_IN_JSON = /[\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g;

/** Names, tags and labels come from devices and strangers: on a terminal they are text, whatever they hold. */
const forTerminal = (text: string): string => text.replaceAll(OBEYED, (_, style?: string) => style ?? "·");

const escaped = (character: string): string => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;

/** A command's output: text for people on stdout, or on stderr when stdout carries JSON. */
export class Console {
  readonly #out: TextStream;
  readonly #err: TextStream;
  readonly #json: boolean;
  readonly #in: InputStream | undefined;
  #progressShown = false;

  constructor(out: TextStream, err: TextStream, json: boolean, input?: InputStream) {
    this.#out = out;
    this.#err = err;
    this.#json = json;
    this.#in = input;
  }

  /** Whether stdout carries JSON. */
  get isJson(): boolean {
    return this.#json;
  }

  /** Prints a line of the result, for people. */
  say(text = ""): void {
    this.#clear();
    this.#print(this.#json ? this.#err : this.#out, `${text}\n`);
  }

  /** Prints a notice or an error on stderr. */
  note(text: string): void {
    this.#clear();
    this.#print(this.#err, `${text}\n`);
  }

  /** Replaces the progress line, which is shown only on a terminal. */
  progress(text: string): void {
    if (!this.#err.isTTY) return;
    this.#err.write(CLEAR_LINE + forTerminal(text.slice(0, (this.#err.columns ?? 80) - 1)));
    this.#progressShown = true;
  }

  /**
   * Asks a person a question that `y` or `yes` confirms.
   * @returns undefined when standard input is not a terminal
   */
  async confirm(question: string, signal: AbortSignal): Promise<boolean | undefined> {
    if (!this.#in?.isTTY) return undefined;
    this.#clear();
    const lines = createInterface({ input: this.#in, output: this.#err });
    // Input that ends without an answer is a no.
    const ended = new AbortController();
    lines.once("close", () => ended.abort());
    try {
      const any = AbortSignal.any([signal, ended.signal]);
      const answer = await lines.question(`${question} [y/N] `, { signal: any }).catch((error: unknown) => {
        signal.throwIfAborted();
        if (ended.signal.aborted) return "";
        throw error;
      });
      return /^y(es)?$/i.test(answer.trim());
    } finally {
      lines.close();
    }
  }

  /** Prints the result as one line of JSON on stdout, with --json. Called once. */
  result(value: unknown): void {
    this.#clear();
    if (this.#json) this.#out.write(`${JSON.stringify(value).replaceAll(OBEYED_IN_JSON, escaped)}\n`);
  }

  style(style: Style, text: string): string {
    const stream = (this.#json ? this.#err : this.#out) as NodeJS.WriteStream;
    return styleText(style, text, { stream });
  }

  #print(stream: TextStream, text: string): void {
    stream.write(stream.isTTY ? forTerminal(text) : text);
  }

  #clear(): void {
    if (this.#progressShown) this.#err.write(CLEAR_LINE);
    this.#progressShown = false;
  }
}
