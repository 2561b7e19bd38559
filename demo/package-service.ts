import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, globSync, readFileSync, writeFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { systemClock, type Clock } from "../base/clock.ts";
import { MINUTE_MS } from "../base/durations.ts";
import { pollUntil } from "../base/poll.ts";
import { OperatorError } from "../local/errors.ts";
import { tryLock, type Lock } from "../local/folder-lock.ts";

const projectFolder = fileURLToPath(new URL("..", import.meta.url));

/** The folder of the bundles and the compiled template. */
export const artifactFolder = `${projectFolder}.serverless`;
export const templateFile = `${artifactFolder}/cloudformation-template-update-stack.json`;

/** Every file that the package is made from, as patterns in the project's folder. */
const INPUTS = [
  "serverless.yml",
  "package.json",
  "tsconfig.json",
  // What is installed, not what should be.
  "node_modules/.package-lock.json",
  "{aws,base,core,engines,functions,local/template,resources,schemas}/**/*.{ts,js,yml,sql}",
  "local/errors.ts",
  "uploader/ec2/*",
  "tools/*.js",
  "demo/package-service.ts",
];
/** Serverless empties the folder when it packages, so a package of `npm run package` has no such file. */
const madeFromFile = join(artifactFolder, "made-from.sha256");
const lockFile = `${projectFolder}node_modules/.cache/doorstep/package.lock`;
export const LOCK_POLL_MS = 200;
/** Much longer than packaging takes, on any machine. */
const LOCKED_FOR_MS = 10 * MINUTE_MS;

/** The names of the files that the package is made from. */
export const packageInputs = (): string[] => globSync(INPUTS, { cwd: projectFolder }).toSorted();

/** A package that nothing replaces until it is released. */
interface PackagedService extends Lock {
  /** Whether it was made by an earlier call, from the same files. */
  readonly isReused: boolean;
}

/**
 * Packages the service, unless the last package was made from the same files. One process at a time does so, and keeps the
 * package until it has read it.
 */
export async function ensurePackage(clock: Clock = systemClock): Promise<PackagedService> {
  const lock = await pollUntil(() => tryLock(lockFile), {
    clock,
    everyMs: LOCK_POLL_MS,
    withinMs: LOCKED_FOR_MS,
  });
  if (!lock) throw new OperatorError(`another process has held ${lockFile} for too long; stop it`);
  try {
    const hash = inputsHash();
    const isReused = existsSync(madeFromFile) && readFileSync(madeFromFile, "utf8") === hash;
    if (!isReused) {
      await packageService();
      writeFileSync(madeFromFile, hash);
    }
    return { isReused, release: () => lock.release() };
  } catch (error) {
    lock.release();
    throw error;
  }
}

function inputsHash(): string {
  const hash = createHash("sha256");
  for (const file of packageInputs())
    hash
      .update(`${file}\0`)
      .update(readFileSync(join(projectFolder, file)))
      .update("\0");
  return hash.digest("hex");
}

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
      env: {
        ...process.env,
        TMPDIR,
        SLS_TELEMETRY_DISABLED: "1",
        SLS_NOTIFICATIONS_MODE: "off",
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
