import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

const OPTIONS = [
  "--headless=new",
  "--no-sandbox",
  "--disable-gpu",
  "--autoplay-policy=no-user-gesture-required",
  "--window-size=640,480",
  "--remote-debugging-port=0",
];
const START_TIMEOUT_MS = 30_000;
const POLL_MS = 200;
const LONGEST_WAIT_MS = 60_000;

/** A page of headless Chromium, controlled through the DevTools protocol. */
export class Browser {
  readonly #process: ChildProcess;
  readonly #profile: string;
  readonly #socket: WebSocket;
  #lastId = 0;

  private constructor(process: ChildProcess, profile: string, socket: WebSocket) {
    this.#process = process;
    this.#profile = profile;
    this.#socket = socket;
  }

  /** @throws Error if the program is missing or does not start */
  static async start(program: string): Promise<Browser> {
    const profile = mkdtempSync(join(tmpdir(), "doorstep-chromium-"));
    const process = spawn(program, [...OPTIONS, `--user-data-dir=${profile}`], {
      stdio: ["ignore", "ignore", "pipe"],
    });
    const port = await debuggingPort(process);
    const response = await fetch(`http://127.0.0.1:${port}/json/new?about:blank`, { method: "PUT" });
    const { webSocketDebuggerUrl } = (await response.json()) as { webSocketDebuggerUrl: string };
    const socket = new WebSocket(webSocketDebuggerUrl);
    await once(socket, "open");
    return new Browser(process, profile, socket);
  }

  async open(url: string): Promise<void> {
    await this.#call("Page.enable");
    const loaded = this.#message(({ method }) => method === "Page.loadEventFired");
    await this.#call("Page.navigate", { url });
    await loaded;
  }

  /** Evaluates the expression until its value satisfies the condition, for a minute at most. @returns the last value */
  async until<T>(expression: string, satisfies: (value: T) => boolean): Promise<T> {
    for (let waitedMs = 0; ; waitedMs += POLL_MS) {
      const { result } = await this.#call<{ result: { value: T } }>("Runtime.evaluate", {
        expression,
        returnByValue: true,
      });
      if (satisfies(result.value) || waitedMs >= LONGEST_WAIT_MS) return result.value;
      await sleep(POLL_MS);
    }
  }

  /** A PNG of the page. */
  async screenshot(): Promise<Buffer> {
    const { data } = await this.#call<{ data: string }>("Page.captureScreenshot");
    return Buffer.from(data, "base64");
  }

  async stop(): Promise<void> {
    this.#socket.close();
    const exited = once(this.#process, "exit");
    this.#process.kill();
    await exited;
    rmSync(this.#profile, { recursive: true, force: true, maxRetries: 5 });
  }

  async #call<T = unknown>(method: string, params: Record<string, unknown> = {}): Promise<T> {
    const id = ++this.#lastId;
    const response = this.#message((message) => message.id === id);
    this.#socket.send(JSON.stringify({ id, method, params }));
    const { result, error } = await response;
    if (error) throw new Error(`${method}: ${error.message}`);
    return result as T;
  }

  #message(matches: (message: Message) => boolean): Promise<Message> {
    return new Promise((resolve) => {
      const listen = ({ data }: MessageEvent): void => {
        const message = JSON.parse(String(data)) as Message;
        if (!matches(message)) return;
        this.#socket.removeEventListener("message", listen);
        resolve(message);
      };
      this.#socket.addEventListener("message", listen);
    });
  }
}

interface Message {
  readonly id?: number;
  readonly method?: string;
  readonly result?: unknown;
  readonly error?: { readonly message: string };
}

/** The port that the browser prints at startup. */
function debuggingPort(process: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let printed = "";
    const fail = (problem: string) => reject(new Error(`the browser did not start: ${problem}`));
    const timeout = setTimeout(() => fail(printed), START_TIMEOUT_MS);
    process.once("error", (error) => fail(error.message));
    process.once("exit", () => fail(printed));
    process.stderr!.on("data", (chunk: Buffer) => {
      printed += String(chunk);
      const port = /ws:\/\/127\.0\.0\.1:(\d+)\//.exec(printed)?.[1];
      if (!port) return;
      clearTimeout(timeout);
      resolve(port);
    });
  });
}
