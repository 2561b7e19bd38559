import { createInterface } from "node:readline/promises";
import { styleText } from "node:util";

/** A stream that text is written to; `isTTY` where a person looks at it. */
export type TextStream = NodeJS.WritableStream & { readonly isTTY?: boolean; readonly columns?: number };

/** A stream that answers come from; `isTTY` where a person types them. */
export type AnswerStream = NodeJS.ReadableStream & { readonly isTTY?: boolean };

/** What `styleText` knows of: it leaves colours out for pipes and where NO_COLOR is set. */
type Style = "green" | "red" | "yellow" | "dim" | "bold";

const CLEAR_LINE = "\r\u001b[K";

/** Where a command says things: text for people on stdout, or on stderr when stdout carries JSON for machines. */
export class Console {
  readonly #out: TextStream;
  readonly #err: TextStream;
  readonly #json: boolean;
  readonly #in: AnswerStream | undefined;
  #progressShown = false;

  constructor(out: TextStream, err: TextStream, json: boolean, input?: AnswerStream) {
    this.#out = out;
    this.#err = err;
    this.#json = json;
    this.#in = input;
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

  /**
   * Asks a person, who says yes with `y` or `yes`.
   * @returns undefined where there is no terminal to ask on
   */
  async confirm(question: string, signal: AbortSignal): Promise<boolean | undefined> {
    if (!this.#in?.isTTY) return undefined;
    this.#clear();
    const lines = createInterface({ input: this.#in, output: this.#err });
    // Whoever ends the input instead of answering has not said yes.
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
