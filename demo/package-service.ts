import { spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { OperatorError } from "../local/errors.ts";

const projectFolder = fileURLToPath(new URL("..", import.meta.url));

/** The folder of the bundles and the compiled template. */
export const artifactFolder = `${projectFolder}.serverless`;
export const templateFile = `${artifactFolder}/cloudformation-template-update-stack.json`;

interface PackageOptions {
  /** Options of Serverless, e.g. `--stage`, `prod`, `--param`, `keepData=false`. */
  readonly options?: readonly string[];
  /** The folder of a copy of the project, to package it without replacing the project's own package. */
  readonly folder?: string;
}

/**
 * Packages the service as for a deployment: bundles and the compiled CloudFormation template. Needs no AWS credentials.
 * @throws OperatorError with the output of Serverless when it fails
 */
export async function packageService({
  options = [],
  folder = projectFolder,
}: PackageOptions = {}): Promise<void> {
  const serverless = fileURLToPath(import.meta.resolve("serverless/bin/serverless.js"));
  // Serverless leaves temporary folders behind; they are removed with this parent.
  const TMPDIR = await mkdtemp(join(tmpdir(), "doorstep-package-"));
  const child = spawn(
    process.execPath,
    ["--max-old-space-size=256", "--max-semi-space-size=2", serverless, "package", ...options],
    {
      cwd: folder,
      // Half of esbuild's usual garbage, for a little more time: small machines lack memory.
      env: {
        ...process.env,
        TMPDIR,
        SLS_TELEMETRY_DISABLED: "1",
        SLS_NOTIFICATIONS_MODE: "off",
        GOGC: "40",
        GOMEMLIMIT: "200MiB",
      },
      stdio: ["ignore", "pipe", "pipe"],
    },
  );
  let output = "";
  for (const stream of [child.stdout, child.stderr])
    stream.on("data", (text: Buffer) => (output += text.toString()));
  const code = await new Promise<number | null>((resolve, reject) =>
    child.once("error", reject).once("close", resolve),
  );
  await rm(TMPDIR, { recursive: true, force: true });
  if (code !== 0) throw new OperatorError(`\`serverless package\` failed:\n${output.trim()}`);
}
