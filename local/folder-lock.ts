import { chmodSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { OperatorError } from "./errors.ts";

/** A lock that one process holds at a time. The system releases it when the process ends, however that happens. */
export interface Lock {
  /** Does nothing the second time. */
  release(): void;
}

const SQLITE_BUSY = 5;

/** Locks end by `release` or with the process, never because nobody refers to them any more. */
const held = new Set<DatabaseSync>();

/**
 * Takes the lock of a file, which is created with its folder.
 * @returns undefined while anyone holds it, this process included
 */
export function tryLock(file: string): Lock | undefined {
  mkdirSync(dirname(file), { recursive: true });
  const database = new DatabaseSync(file, { timeout: 0 });
  try {
    database.exec("BEGIN EXCLUSIVE");
  } catch (error) {
    database.close();
    if ((error as { errcode?: number }).errcode === SQLITE_BUSY) return undefined;
    throw error;
  }
  held.add(database);
  return {
    release: () => {
      if (held.delete(database)) database.close();
    },
  };
}

/** The file of a data folder that says which local cloud runs on it, and where. */
const ADDRESS_FILE = "cloud.json";

/** A local cloud that runs on a data folder; it has no addresses until the whole stack stands. */
interface RunningCloud {
  readonly pid: number;
  readonly endpoint?: string;
  readonly httpApi?: string | undefined;
  readonly region?: string;
}

/** A data folder that this process alone uses. */
interface DataFolder extends Lock {
  /** Leaves the cloud's addresses in the folder, for clients to find. */
  announce(addresses: Omit<RunningCloud, "pid">): void;
}

/** For the user alone: it holds secrets, video and what functions log. */
const FOLDER_MODE = 0o700;

/**
 * Takes a data folder for the local cloud of this process, and closes it to the machine's other users.
 * @throws OperatorError with the process and the addresses of the local cloud that uses it
 */
export function takeDataFolder(folder: string): DataFolder {
  const lock = tryLock(join(folder, "lock"));
  if (!lock) throw new OperatorError(inUse(folder));
  chmodSync(folder, FOLDER_MODE);
  const announce = (running: RunningCloud): void => writeAtomically(join(folder, ADDRESS_FILE), running);
  announce({ pid: process.pid });
  return {
    announce: (addresses) => announce({ pid: process.pid, ...addresses }),
    release: () => {
      rmSync(join(folder, ADDRESS_FILE), { force: true });
      lock.release();
    },
  };
}

/** @throws OperatorError as `takeDataFolder`, without taking the folder */
export function refuseFolderInUse(folder: string): void {
  const lock = tryLock(join(folder, "lock"));
  if (!lock) throw new OperatorError(inUse(folder));
  lock.release();
}

function inUse(folder: string): string {
  const { pid, endpoint, httpApi } = readRunning(folder);
  const addresses = [endpoint && `AWS endpoint ${endpoint}`, httpApi && `HTTP API ${httpApi}`].filter(
    Boolean,
  );
  return (
    `a local cloud ${addresses.length > 0 ? "runs" : "is starting"} on ${resolve(folder)} already` +
    ` (${[pid && `process ${pid}`, ...addresses].filter(Boolean).join(", ") || "its process is unknown"}).` +
    " Use that one, stop it with Ctrl+C, or start another one with --data <folder> --aws-port 0 --http-port 0"
  );
}

function readRunning(folder: string): Partial<RunningCloud> {
  try {
    return JSON.parse(readFileSync(join(folder, ADDRESS_FILE), "utf8")) as RunningCloud;
  } catch {
    return {};
  }
}

function writeAtomically(file: string, value: unknown): void {
  writeFileSync(`${file}.new`, `${JSON.stringify(value)}\n`);
  renameSync(`${file}.new`, file);
}
