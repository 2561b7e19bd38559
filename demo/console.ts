import { styleText } from "node:util";
import Table from "cli-table3";

/** What the demo says: on stdout, or on stderr when stdout is for machines. */
export class Console {
  readonly #stream: NodeJS.WriteStream;

  constructor(stream: NodeJS.WriteStream) {
    this.#stream = stream;
  }

  say(text = ""): void {
    this.#stream.write(`${text}\n`);
  }

  /** Runs a step and says what came of it and how long it took. */
  async step<T>(what: string, run: () => Promise<T>, outcome: (result: T) => string = () => ""): Promise<T> {
    const startedAtMs = performance.now();
    const result = await run();
    const seconds = ((performance.now() - startedAtMs) / 1000).toFixed(1);
    const told = outcome(result);
    this.say(
      `${this.#style("green", "✓")} ${what}${told && ` ${told}`} ${this.#style("dim", `${seconds} s`)}`,
    );
    return result;
  }

  table(title: string, columns: readonly string[], rows: readonly (readonly (string | null)[])[]): void {
    // Colours are ours to set, so that they respect NO_COLOR and pipes.
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

  #style(format: "green" | "dim" | "bold", text: string): string {
    return styleText(format, text, { stream: this.#stream });
  }
}
