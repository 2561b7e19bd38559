import { spawn } from "node:child_process";
import { createWriteStream, mkdirSync, writeFileSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { sleep, systemClock } from "../../base/clock.ts";
import { CATALOG } from "./client.ts";
import { TRINO_VERSION } from "./parts.ts";

const START_TIMEOUT_MS = 180_000;
const STOP_TIMEOUT_MS = 20_000;

export interface TrinoOptions {
  /** Trino's parts. */
  readonly parts: string;
  /** A folder for its settings and its log. */
  readonly folder: string;
  /** The cloud whose Glue and S3 Trino reads, e.g. `http://127.0.0.1:4566`. */
  readonly endpoint: string;
}

export interface Trino {
  readonly address: string;
  stop(): Promise<void>;
}

/**
 * Starts Trino with one catalog, the tables of an AWS endpoint's Glue and their files in its S3, and waits until it is ready.
 * @throws Error that names the log when it does not start
 */
export async function startTrino({ parts, folder, endpoint }: TrinoOptions): Promise<Trino> {
  const address = `http://127.0.0.1:${await freePort()}`;
  const write = (name: string, settings: Readonly<Record<string, string | number | boolean>>) =>
    writeFileSync(
      join(folder, name),
      Object.entries(settings)
        .map(([key, value]) => `${key}=${value}\n`)
        .join(""),
    );
  mkdirSync(join(folder, "catalog"), { recursive: true });
  write("config.properties", {
    "node.environment": "doorstep",
    "node.internal-address": "127.0.0.1",
    "node.bind-ip": "127.0.0.1",
    coordinator: true,
    "node-scheduler.include-coordinator": true,
    "http-server.http.port": new URL(address).port,
    "discovery.uri": address,
    "catalog.config-dir": join(folder, "catalog"),
    "plugin.dir": join(parts, "plugin"),
    "query.max-memory": "1GB",
    "query.max-memory-per-node": "1GB",
  });
  write(`catalog/${CATALOG}.properties`, {
    "connector.name": "hive",
    "hive.metastore": "glue",
    "hive.metastore.glue.region": "us-east-1",
    "hive.metastore.glue.endpoint-url": endpoint,
    "hive.metastore.glue.aws-access-key": "trino",
    "hive.metastore.glue.aws-secret-key": "trino",
    "hive.metastore.glue.catalogid": "000000000000",
    "fs.hadoop.enabled": false,
    "fs.native-s3.enabled": true,
    "s3.endpoint": endpoint,
    "s3.region": "us-east-1",
    "s3.aws-access-key": "trino",
    "s3.aws-secret-key": "trino",
    "s3.path-style-access": true,
    "hive.partition-projection-enabled": true,
    "hive.hive-views.enabled": true,
    "hive.parquet.time-zone": "UTC",
  });
  const logFile = join(folder, "trino.log");
  const java = spawn(
    "java",
    [
      "-Xmx2G",
      "-XX:TieredStopAtLevel=1",
      // As Trino's installation page says. One compiler alone gets 48 MB, and a full cache fails any statement
      // with an InternalError.
      "-XX:ReservedCodeCacheSize=512M",
      "-Duser.timezone=UTC",
      "-Dfile.encoding=UTF-8",
      "-Djdk.attach.allowAttachSelf=true",
      "-Djdk.nio.maxCachedBufferSize=2000000",
      `-Dconfig=${join(folder, "config.properties")}`,
      "--add-opens=java.base/java.nio=ALL-UNNAMED",
      "--class-path",
      join(parts, "lib", "*"),
      fileURLToPath(new URL("TrinoServer.java", import.meta.url)),
      TRINO_VERSION,
    ],
    { stdio: ["ignore", "pipe", "pipe"] },
  );
  const log = createWriteStream(logFile);
  java.stdout.pipe(log);
  java.stderr.pipe(log);
  let ended: string | undefined;
  const end = new Promise<void>((resolve) => {
    java.once("error", (error) => resolve(void (ended = error.message)));
    java.once("exit", (code) => resolve(void (ended ??= `ended with code ${code}`)));
  });
  const stop = async (): Promise<void> => {
    java.kill();
    await Promise.race([end, sleep(systemClock, STOP_TIMEOUT_MS)]);
    if (ended === undefined) java.kill("SIGKILL");
    await end;
  };
  for (const deadline = systemClock.now() + START_TIMEOUT_MS; systemClock.now() < deadline;) {
    if (ended !== undefined) break;
    const info = await fetch(`${address}/v1/info`).then(
      (response) => (response.ok ? (response.json() as Promise<{ starting?: boolean }>) : {}),
      () => ({}),
    );
    if ("starting" in info && info.starting === false) return { address, stop };
    await sleep(systemClock, 500);
  }
  await stop();
  throw new Error(`Trino did not start (${ended}); see ${logFile}`);
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
