import { styleText } from "node:util";

/** A stream that text is written to; `isTTY` where a person looks at it. */
export type TextStream = NodeJS.WritableStream & { readonly isTTY?: boolean; readonly columns?: number };

/** What `styleText` knows of: it leaves colours out for pipes and where NO_COLOR is set. */
type Style = "green" | "red" | "yellow" | "dim" | "bold";

const CLEAR_LINE = "\r\u001b[K";

/** Where a command says things: text for people on stdout, or on stderr when stdout carries JSON for machines. */
export class Console {
  readonly #out: TextStream;
  readonly #err: TextStream;
  readonly #json: boolean;
  #progressShown = false;

  constructor(out: TextStream, err: TextStream, json: boolean) {
    this.#out = out;
    this.#err = err;
    this.#json = json;
  }

  /** Whether stdout carries JSON. */
  get isJson(): boolean {
    return this.#json;
  }

  /** A line of the answer, for people. */
  say(text = ""): void {
    this.#clear();
    (this.#json ? this.#err : this.#out).write(`${text}\n`);
  }

  /** A line beside the answer: a notice or an error. */
  note(text: string): void {
    this.#clear();
    this.#err.write(`${text}\n`);
  }

  /** The one line that is written over and over; shown only on a terminal. */
  progress(text: string): void {
    if (!this.#err.isTTY) return;
    this.#err.write(CLEAR_LINE + text.slice(0, (this.#err.columns ?? 80) - 1));
    this.#progressShown = true;
  }

  /** The outcome as one line of JSON on stdout, if asked for. Called once. */
  result(value: unknown): void {
    this.#clear();
    if (this.#json) this.#out.write(`${JSON.stringify(value)}\n`);
  }

  style(style: Style, text: string): string {
    const stream = (this.#json ? this.#err : this.#out) as NodeJS.WriteStream;
    return styleText(style, text, { stream });
  }

  #clear(): void {
    if (this.#progressShown) this.#err.write(CLEAR_LINE);
    this.#progressShown = false;
  }
}
