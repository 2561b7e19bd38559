import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, resolve, sep } from "node:path";
import { unzipSync } from "fflate";
import { errorMessage } from "../../base/errors.ts";
import { OperatorError } from "../errors.ts";

/** What Lambda does with a chain of requests that invokes a function over and over (documented: PutFunctionRecursionConfig). */
export const RECURSIVE_LOOPS = ["Allow", "Terminate"] as const;
export type RecursiveLoop = (typeof RECURSIVE_LOOPS)[number];

/** A function as the template configures it. */
export interface FunctionConfig {
  readonly name: string;
  readonly arn: string;
  readonly roleArn: string;
  /** The packaged zip. */
  readonly zipFile: string;
  /** `file.export`, e.g. `functions/transform.handler`. */
  readonly handler: string;
  readonly runtime: string;
  readonly memorySizeMb: number;
  readonly timeoutMs: number;
  /** How many invocations may run at a time; by default without a limit. */
  readonly reservedConcurrency?: number | undefined;
  readonly recursiveLoop: RecursiveLoop;
  readonly environment: Readonly<Record<string, string>>;
}

/** A function's unpacked code. */
export interface Code {
  /** The folder that replaces `/var/task`. */
  readonly root: string;
  /** The file that holds the handler. */
  readonly file: string;
}

/**
 * Unpacks the function's zip, unless the same content is there already.
 * @throws OperatorError when the bundle or the handler's file is missing
 */
export function unpack({ name, zipFile, handler }: FunctionConfig, folder: string): Code {
  if (!existsSync(zipFile))
    throw new OperatorError(
      `the bundle ${zipFile} of the function ${name} is missing; run \`npm run package\``,
    );
  const zip = readFileSync(zipFile);
  const root = join(folder, createHash("sha256").update(zip).digest("hex").slice(0, 16));
  if (!existsSync(root)) extract(zipFile, zip, root);
  // Without a package.json here, a bundle would get the module type of a folder above the data folder.
  writeFileSync(join(folder, "package.json"), "{}");
  const module = handler.slice(0, handler.lastIndexOf("."));
  const file = [".mjs", ".js", ".cjs"]
    .map((ending) => join(root, module + ending))
    .find((one) => existsSync(one));
  if (!file) throw new OperatorError(`${zipFile} has no ${module}.mjs for the handler ${handler} of ${name}`);
  return { root, file };
}

/** Renames the folder only when it is complete, so that an interrupted start leaves nothing half-done. */
function extract(zipFile: string, zip: Uint8Array, root: string): void {
  const unfinished = `${root}.unfinished`;
  rmSync(unfinished, { recursive: true, force: true });
  mkdirSync(unfinished, { recursive: true });
  for (const [path, bytes] of Object.entries(entriesOf(zipFile, zip))) {
    const file = resolve(unfinished, path);
    if (!file.startsWith(unfinished + sep))
      throw new OperatorError(`${zipFile} holds ${path}, outside its own folder`);
    if (path.endsWith("/")) continue;
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, bytes);
  }
  renameSync(unfinished, root);
}

function entriesOf(zipFile: string, zip: Uint8Array): Record<string, Uint8Array> {
  try {
    return unzipSync(zip);
  } catch (error) {
    throw new OperatorError(`${zipFile} is not a zip: ${errorMessage(error)}; run \`npm run package\` again`);
  }
}
