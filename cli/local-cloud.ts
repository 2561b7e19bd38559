import { existsSync, readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import * as v from "valibot";
import type { ClientConfig } from "../operator/client-config.ts";

/** The folder of `npm start`, where `--data` names no other. */
const DATA_FOLDER = ".doorstep";
/** What a running local cloud leaves in its data folder. */
const address = v.pipe(
  v.string(),
  v.parseJson(),
  v.object({ pid: v.number(), endpoint: v.optional(v.string()), region: v.optional(v.string()) }),
);
/** The account owner's there. */
const CREDENTIALS = { accessKeyId: "local", secretAccessKey: "local" };

/**
 * How clients reach the local cloud that runs on a data folder.
 * @param dataFolder by default `.doorstep` in the current folder or the nearest one above it
 * @throws Error when no local cloud runs on it
 */
export function localCloudConfig(dataFolder: string | undefined): ClientConfig {
  const folder = resolve(dataFolder ?? nearest(DATA_FOLDER));
  const file = join(folder, "cloud.json");
  const found = v.safeParse(address, existsSync(file) ? readFileSync(file, "utf8") : undefined);
  if (!found.success || !isRunning(found.output.pid))
    throw new Error(
      `no local cloud runs on ${folder}; start it with npm start, or name its folder with --data`,
    );
  const { endpoint, region } = found.output;
  if (endpoint === undefined || region === undefined)
    throw new Error(
      `the local cloud on ${folder} is starting; try again once npm start says that it keeps running`,
    );
  // A copy: the SDK writes into the credentials that it is given.
  return { endpoint, region, credentials: { ...CREDENTIALS } };
}

/** The path of a folder's nearest entry of that name, here or above; here if there is none. */
function nearest(name: string, folder = process.cwd()): string {
  const path = join(folder, name);
  if (existsSync(path)) return path;
  const above = dirname(folder);
  return above === folder ? name : nearest(name, above);
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    // Another user's.
    return (error as { code?: string }).code === "EPERM";
  }
}
