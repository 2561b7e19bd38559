import { existsSync, readFileSync } from "node:fs";

const STATUS = "/proc/self/status";

/** Peak resident memory of this process, megabytes. On Linux, `resourceUsage` includes the parent's; /proc does not. */
export function peakMb(): number {
  const kilobytes = existsSync(STATUS)
    ? Number(/^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(STATUS, "utf8"))![1])
    : process.resourceUsage().maxRSS;
  return Math.round((kilobytes * 1024) / 1e6);
}
