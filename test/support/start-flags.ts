import { readFileSync } from "node:fs";

const manifest = readFileSync(new URL("../../package.json", import.meta.url), "utf8");
const { scripts } = JSON.parse(manifest) as { scripts: { start: string } };

/** What `npm start` tells Node and V8, for a process that stands for it. */
export const START_FLAGS: readonly string[] = scripts.start
  .split(" ")
  .filter((word) => word.startsWith("--"));
