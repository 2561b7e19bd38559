import { fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import type { LocalCloudOptions } from "../../local/index.ts";
import { START_FLAGS } from "../support/start-flags.ts";

/** Of the process, as its argument. */
export interface SoakCloudOptions extends Required<
  Pick<LocalCloudOptions, "dataFolder" | "awsPort" | "httpPort" | "stackName">
> {
  /** How far its clock is ahead of the machine's. */
  readonly offsetMs: number;
}

/** What the parent has the process do. */
export type Command = { readonly id: number } & (
  | { readonly kind: "refuse"; readonly calls: readonly string[] }
  | { readonly kind: "turn"; readonly durationMs: number }
);

/** What the process reports. */
export type Report =
  | { readonly kind: "open"; readonly endpoint: string }
  | { readonly kind: "memory"; readonly rssBytes: number }
  | { readonly kind: "event"; readonly service: string; readonly name: string; readonly detail: unknown }
  | { readonly kind: "done"; readonly id: number; readonly offsetMs: number };

const program = fileURLToPath(new URL("cloud.ts", import.meta.url));

/** A local cloud on a data folder, in a process that is killed and started again. */
export class KillableCloud {
  readonly #options: Omit<SoakCloudOptions, "offsetMs">;
  readonly #onEvent: (event: Extract<Report, { kind: "event" }>) => void;
  readonly #waiting = new Map<number, () => void>();
  #child: ChildProcess | undefined;
  #refused: readonly string[] = [];
  #commands = 0;
  /** How far its clock is ahead of the machine's, after restarts as well. */
  offsetMs = 0;
  endpoint = "";
  /** Resident memory, one sample a second. */
  readonly rssBytes: number[] = [];
  kills = 0;

  constructor(
    options: Omit<SoakCloudOptions, "offsetMs">,
    onEvent: (event: Extract<Report, { kind: "event" }>) => void,
  ) {
    this.#options = options;
    this.#onEvent = onEvent;
  }

  /** Resolves when it is open. @throws Error with what it printed when it does not start */
  async start(): Promise<void> {
    const argument = JSON.stringify({ ...this.#options, offsetMs: this.offsetMs });
    const child = fork(program, [argument], {
      execArgv: [...START_FLAGS],
      stdio: ["ignore", "ignore", "pipe", "ipc"],
    });
    this.#child = child;
    let printed = "";
    child.stderr!.on("data", (text: Buffer) => (printed = (printed + text.toString()).slice(-4000)));
    await new Promise<void>((resolve, reject) => {
      child.on("message", (report: Report) => {
        if (report.kind === "open") {
          this.endpoint = report.endpoint;
          resolve();
        } else if (report.kind === "memory") this.rssBytes.push(report.rssBytes);
        else if (report.kind === "event") this.#onEvent(report);
        else this.#done(report);
      });
      child.once("exit", (code) => {
        reject(new Error(`the local cloud ended with ${code}:\n${printed}`));
        for (const resolveWaiting of this.#waiting.values()) resolveWaiting();
        this.#waiting.clear();
      });
    });
    await this.refuse(this.#refused);
  }

  /** Kills the process, at once. */
  async kill(): Promise<void> {
    const child = this.#child!;
    const ended = once(child, "exit");
    child.kill("SIGKILL");
    await ended;
    this.kills++;
  }

  /** Refuses calls, `<action> <end of the resource>`, until others are named; a restart does not end it. */
  async refuse(calls: readonly string[]): Promise<void> {
    this.#refused = calls;
    await this.#send({ kind: "refuse", calls });
  }

  async turn(durationMs: number): Promise<void> {
    await this.#send({ kind: "turn", durationMs });
  }

  async #send(command: { kind: "refuse"; calls: readonly string[] } | { kind: "turn"; durationMs: number }) {
    const id = ++this.#commands;
    const done = new Promise<void>((resolve) => void this.#waiting.set(id, resolve));
    this.#child!.send({ ...command, id }, () => undefined);
    await done;
  }

  #done({ id, offsetMs }: Extract<Report, { kind: "done" }>): void {
    this.offsetMs = offsetMs;
    this.#waiting.get(id)?.();
    this.#waiting.delete(id);
  }
}
