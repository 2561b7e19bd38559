import { styleText } from "node:util";
import Table from "cli-table3";
import { systemClock } from "../base/clock.ts";

/** The demo's output: on stdout, or on stderr when stdout carries JSON. */
export class Console {
  readonly stream: NodeJS.WriteStream;

  constructor(stream: NodeJS.WriteStream) {
    this.stream = stream;
  }

  say(text = ""): void {
    this.stream.write(`${text}\n`);
  }

  /** Runs a step and prints its outcome and duration. */
  async step<T>(what: string, run: () => Promise<T>, outcome: (result: T) => string = () => ""): Promise<T> {
    const startedAtMs = systemClock.now();
    const result = await run();
    const seconds = ((systemClock.now() - startedAtMs) / 1000).toFixed(1);
    const text = outcome(result);
    this.say(
      `${this.#style("green", "✓")} ${what}${text && ` ${text}`} ${this.#style("dim", `${seconds} s`)}`,
    );
    return result;
  }

  /** Prints a step that failed. */
  failure(text: string): void {
    this.say(`${this.#style("red", "✗")} ${text}`);
  }

  table(title: string, columns: readonly string[], rows: readonly (readonly (string | null)[])[]): void {
    // This class sets colours, so that they respect NO_COLOR and pipes.
    const table = new Table({ head: [...columns], style: { head: [], border: [] } });
    for (const row of rows) table.push(row.map((value) => value ?? "NULL"));
    this.say(`\n${this.#style("bold", title)}\n${table.toString()}`);
  }

  dim(text: string): string {
    return this.#style("dim", text);
  }

  bold(text: string): string {
    return this.#style("bold", text);
  }

  #style(format: "green" | "red" | "dim" | "bold", text: string): string {
    return styleText(format, text, { stream: this.stream });
  }
}
