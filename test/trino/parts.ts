import { execFile } from "node:child_process";
import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);

/** The last version that Java 17 runs, near the one that Athena's engine version 3 is made from. */
export const TRINO_VERSION = "435";

/** Where Trino's parts are kept from run to run. */
const partsFolder = (): string =>
  process.env["DOORSTEP_TRINO_PARTS"] ??
  join(process.env["XDG_CACHE_HOME"] ?? join(homedir(), ".cache"), "doorstep", `trino-${TRINO_VERSION}`);

const MAX_OUTPUT_BYTES = 16 * 1024 * 1024;

const project = `<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>doorstep</groupId><artifactId>trino-parts</artifactId><version>1</version>
  <dependencies>
    <dependency><groupId>io.trino</groupId><artifactId>trino-main</artifactId><version>${TRINO_VERSION}</version></dependency>
  </dependencies>
</project>
`;

/**
 * Fetches Trino's parts from Maven unless they are there: its engine and what that depends on in `lib`, the Hive plugin in
 * `plugin/hive`; 270 MB. The distribution's own archive (`io.trino:trino-server`) is not used: it is four times as large.
 * @returns the folder that holds them
 * @throws Error with Maven's words
 */
export async function fetchParts(onProgress: (text: string) => void): Promise<string> {
  const folder = partsFolder();
  if (existsSync(folder)) return folder;
  const draft = `${folder}.${process.pid}`;
  mkdirSync(draft, { recursive: true });
  try {
    onProgress(`Fetching Trino ${TRINO_VERSION} from Maven into ${folder}`);
    writeFileSync(join(draft, "pom.xml"), project);
    await maven(draft, "dependency:copy-dependencies", "-DincludeScope=runtime", "-DoutputDirectory=lib");
    await maven(
      draft,
      "dependency:copy",
      `-Dartifact=io.trino:trino-hive:${TRINO_VERSION}:zip`,
      "-DoutputDirectory=.",
    );
    await run("jar", ["xf", `trino-hive-${TRINO_VERSION}.zip`], { cwd: draft });
    mkdirSync(join(draft, "plugin"));
    renameSync(join(draft, `trino-hive-${TRINO_VERSION}`), join(draft, "plugin", "hive"));
    rmSync(join(draft, `trino-hive-${TRINO_VERSION}.zip`));
    renameSync(draft, folder);
  } finally {
    rmSync(draft, { recursive: true, force: true });
  }
  return folder;
}

async function maven(cwd: string, ...args: readonly string[]): Promise<void> {
  await run("mvn", ["--batch-mode", "--quiet", "--no-transfer-progress", ...args], {
    cwd,
    maxBuffer: MAX_OUTPUT_BYTES,
  }).catch((error: { code?: unknown; stdout?: string; message: string }) => {
    if (error.code === "ENOENT")
      throw new Error("`mvn` is not installed; Debian: apt-get install maven openjdk-17-jdk-headless");
    throw new Error(`Maven could not bring Trino's parts: ${error.stdout?.trim() || error.message}`);
  });
}
