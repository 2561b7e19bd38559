import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { AthenaClient, ListNamedQueriesCommand } from "@aws-sdk/client-athena";
import { afterAll, describe, expect, test } from "@jest/globals";
import { artifactFolder, templateFile } from "../../demo/package-service.ts";
import { takeDataFolder, tryLock } from "../../local/folder-lock.ts";
import { startLocalCloud } from "../../local/index.ts";

const folder = mkdtempSync(join(tmpdir(), "doorstep-lock-"));
afterAll(() => rmSync(folder, { recursive: true }));

const children: ChildProcess[] = [];
afterAll(() => children.forEach((child) => child.kill("SIGKILL")));

const module = new URL("../../local/folder-lock.ts", import.meta.url).href;

/** Takes a data folder in another process. */
async function takeElsewhere(dataFolder: string) {
  const program = `
    const { takeDataFolder } = await import(${JSON.stringify(module)});
    takeDataFolder(${JSON.stringify(dataFolder)}).announce({ endpoint: "http://127.0.0.1:4566", httpApi: "http://127.0.0.1:3000", region: "us-east-1" });
    globalThis.gc();
    console.log("taken");
    setInterval(() => {}, 1000);`;
  const child = spawn(process.execPath, ["--expose-gc", "--input-type=module", "--eval", program]);
  children.push(child);
  await once(child.stdout, "data");
  return child;
}

describe("a data folder", () => {
  test("that another process uses is refused, with its number and addresses, until it ends in any way", async () => {
    const dataFolder = join(folder, "other");
    const child = await takeElsewhere(dataFolder);
    expect(() => takeDataFolder(dataFolder)).toThrow(
      `a local cloud runs on ${dataFolder} already (process ${child.pid}, AWS endpoint http://127.0.0.1:4566, HTTP API http://127.0.0.1:3000). ` +
        "Use that one, stop it with Ctrl+C, or start another one with --data <folder> --aws-port 0 --http-port 0",
    );
    child.kill("SIGKILL");
    await once(child, "exit");
    takeDataFolder(dataFolder).release();
  });

  test("is refused while the cloud on it is starting, too", () => {
    const taken = takeDataFolder(join(folder, "starting"));
    expect(() => takeDataFolder(join(folder, "starting"))).toThrow(
      `a local cloud is starting on ${join(folder, "starting")} already (process ${process.pid}).`,
    );
    taken.release();
    expect(tryLock(join(folder, "starting", "lock"))).toBeDefined();
  });

  test("is closed to the machine's other users, also one that was there before", () => {
    const dataFolder = join(folder, "open");
    mkdirSync(dataFolder, { mode: 0o755 });
    takeDataFolder(dataFolder).release();
    expect((statSync(dataFolder).mode & 0o777).toString(8)).toBe("700");
  });

  test("has the address of its cloud while that runs, and a second start does the running one no harm", async () => {
    const options = { template: templateFile, artifactFolder, stackName: "doorstep-dev", dataFolder: folder };
    const cloud = await startLocalCloud(options);
    const addressFile = join(folder, "cloud.json");
    const athena = new AthenaClient(cloud.clientConfig);
    const savedQueries = async () =>
      (await athena.send(new ListNamedQueriesCommand({ WorkGroup: cloud.outputs["WorkGroupName"]! })))
        .NamedQueryIds!.length;
    try {
      expect(JSON.parse(readFileSync(addressFile, "utf8"))).toEqual({
        pid: process.pid,
        endpoint: cloud.endpoint,
        httpApi: cloud.httpApi,
        region: "us-east-1",
      });
      const before = await savedQueries();
      await expect(startLocalCloud(options)).rejects.toThrow(`a local cloud runs on ${folder} already`);
      expect(before).toBeGreaterThan(0);
      expect(await savedQueries()).toBe(before);
    } finally {
      await cloud.stop();
    }
    expect(existsSync(addressFile)).toBe(false);
  });
});
