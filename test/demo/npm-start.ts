import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../..", import.meta.url));

/** Any free ports, so that starts do not meet. */
export const PORTS = ["--aws-port", "0", "--http-port", "0"];

export interface Start {
  readonly process: ChildProcess;
  /** What it has printed so far. */
  readonly text: () => string;
  /** The result, of a start with `--json`. */
  readonly result: () => unknown;
}

/** Runs `npm start` without npm, until it keeps running or ends; with the options of Node that the tests run with. */
export async function npmStart(...args: readonly string[]): Promise<Start> {
  const started = spawn(process.execPath, [...process.execArgv, "demo/main.ts", ...args], { cwd: root });
  let text = "";
  let json = "";
  const running = new Promise<void>((resolve) => {
    for (const stream of [started.stdout, started.stderr])
      stream.on("data", (data: Buffer) => {
        text += data.toString();
        if (stream === started.stdout) json += data.toString();
        if (text.includes("State and logs") && (!args.includes("--json") || json.endsWith("\n"))) resolve();
      });
  });
  await Promise.race([running, once(started, "close")]);
  return { process: started, text: () => text, result: () => JSON.parse(json) as unknown };
}

/** Ends a start by Ctrl+C. @returns its exit code */
export async function stop({ process: started }: Start): Promise<number | null> {
  const ended = once(started, "close");
  started.kill("SIGINT");
  const [code] = (await ended) as [number | null];
  return code;
}
