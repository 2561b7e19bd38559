import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Where a server of the local cloud listens for the local cloud alone. */
export interface PrivateSocket {
  readonly path: string;
  remove(): void;
}

/**
 * A Unix socket in a folder that only this user can enter (`mkdtemp` creates it with mode 0700): web pages cannot reach it,
 * and neither can other users of this machine. The folder is a temporary one, because paths of sockets are short.
 */
export function privateSocket(): PrivateSocket {
  const folder = mkdtempSync(join(tmpdir(), "doorstep-"));
  return { path: join(folder, "socket"), remove: () => rmSync(folder, { recursive: true, force: true }) };
}
