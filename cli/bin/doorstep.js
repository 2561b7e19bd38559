#!/usr/bin/env -S node --max-semi-space-size=1
// `npx doorstep` in a clone: runs the command on Node 24, which `npm ci` brings on Linux, whatever version started this.
// Under npx, that one comes first on the PATH, so that nothing has to be started.
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

const OLDEST_MAJOR = 24;
const MEMORY = "--max-semi-space-size=1";

const pinnedNode = fileURLToPath(new URL("../../node_modules/.bin/node", import.meta.url));
const command = fileURLToPath(new URL("../main.ts", import.meta.url));

if (Number.parseInt(process.versions.node, 10) >= OLDEST_MAJOR) await import("../main.ts");
else if (existsSync(pinnedNode)) {
  const child = spawn(pinnedNode, [MEMORY, command, ...process.argv.slice(2)], { stdio: "inherit" });
  // A terminal sends Ctrl+C to both; what is sent to this process alone is passed on.
  process.on("SIGINT", () => {});
  process.on("SIGTERM", () => child.kill("SIGTERM"));
  child.once("exit", (code, signal) => {
    if (signal === null) process.exit(code);
    process.removeAllListeners(signal);
    process.kill(process.pid, signal);
  });
} else {
  process.stderr.write(
    `doorstep needs Node ${OLDEST_MAJOR} or newer, and this is ${process.version}. Install it from https://nodejs.org, then run npm ci again.\n`,
  );
  process.exitCode = 1;
}
