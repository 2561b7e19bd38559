import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const PROGRAM = fileURLToPath(new URL("convert.py", import.meta.url));
const run = promisify(execFile);

export interface PandasConverter {
  /** Of Python and its packages. */
  readonly versions: string;
  /** Converts a file; resolves with the processor seconds that it took. */
  convert(request: { way: string; notifications: string; parquet: string }): Promise<number>;
  stop(): Promise<void>;
}

/**
 * Starts convert.py in an environment of its own, with pandas and pyarrow from PyPI.
 * @param folder for the environment
 * @throws Error of `python3` or `pip`, where there is no Python 3 or no PyPI
 */
export async function startPandas(folder: string): Promise<PandasConverter> {
  const environment = join(folder, "venv");
  await run("python3", ["-m", "venv", environment]);
  const python = join(environment, "bin", "python");
  await run(python, ["-m", "pip", "install", "--quiet", "pandas>=2.2", "pyarrow>=17"]);
  const child = spawn(python, [PROGRAM], { stdio: ["pipe", "pipe", "inherit"] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const next = async <Answer>(): Promise<Answer> => {
    const { value, done } = await lines.next();
    if (done) throw new Error(`${PROGRAM} ended early; its messages are above`);
    return JSON.parse(value) as Answer;
  };
  return {
    versions: await next<string>(),
    convert: async (request) => {
      child.stdin.write(`${JSON.stringify(request)}\n`);
      return await next<number>();
    },
    stop: async () => {
      child.stdin.end();
      if (child.exitCode === null) await once(child, "exit");
    },
  };
}
