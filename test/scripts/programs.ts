import { spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";

/** A folder in which scripts of the project run with substitutes for real programs. */
export class Workshop {
  readonly folder = mkdtempSync(join(tmpdir(), "doorstep-scripts-"));
  readonly #programs = join(this.folder, "programs");

  constructor() {
    mkdirSync(this.#programs);
  }

  /** Adds a program that takes precedence over the machine's. */
  program(name: string, script: string): void {
    this.file(join("programs", name), `#!/usr/bin/env bash\n${script}\n`);
    chmodSync(join(this.#programs, name), 0o755);
  }

  file(path: string, text: string): string {
    const whole = join(this.folder, path);
    mkdirSync(join(whole, ".."), { recursive: true });
    writeFileSync(whole, text);
    return whole;
  }

  /** Runs a script of the project, with only the path of the machine's environment. */
  run(script: string, args: readonly string[], environment: Readonly<Record<string, string>> = {}) {
    const file = fileURLToPath(new URL(`../../${script}`, import.meta.url));
    const PATH = `${this.#programs}${delimiter}${process.env["PATH"]}`;
    const { status, stdout, stderr } = spawnSync("bash", [file, ...args], {
      cwd: this.folder,
      env: { PATH, ...environment },
      encoding: "utf8",
    });
    return { status, stdout, stderr };
  }

  [Symbol.dispose](): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}
