import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join, resolve, sep } from "node:path";
import { unzipSync } from "fflate";
import { OperatorError } from "../errors.ts";

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
  readonly environment: Readonly<Record<string, string>>;
}

/**
 * Unpacks the function's zip, once for each content.
 * @returns the file that holds the handler
 * @throws OperatorError when the bundle or the handler's file is missing
 */
export function unpack({ name, zipFile, handler }: FunctionConfig, folder: string): string {
  if (!existsSync(zipFile))
    throw new OperatorError(
      `the bundle ${zipFile} of the function ${name} is missing; run \`npm run package\``,
    );
  const zip = readFileSync(zipFile);
  const target = join(folder, createHash("sha256").update(zip).digest("hex").slice(0, 16));
  if (!existsSync(target))
    for (const [path, bytes] of Object.entries(unzipSync(zip))) {
      const file = resolve(target, path);
      if (!file.startsWith(target + sep))
        throw new OperatorError(`${zipFile} holds ${path}, outside its own folder`);
      if (path.endsWith("/")) continue;
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, bytes);
    }
  const module = handler.slice(0, handler.lastIndexOf("."));
  const file = [".mjs", ".js", ".cjs"]
    .map((ending) => join(target, module + ending))
    .find((one) => existsSync(one));
  if (!file) throw new OperatorError(`${zipFile} has no ${module}.mjs for the handler ${handler} of ${name}`);
  return file;
}
