import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "@jest/globals";
import { clientConfig } from "../../cli/cloud.ts";
import { localCloudConfig } from "../../cli/local-cloud.ts";
import { doorstep } from "./process.ts";

const folder = realpathSync(mkdtempSync(join(tmpdir(), "doorstep-local-")));
afterAll(() => rmSync(folder, { recursive: true }));

const dataFolder = (name: string, content: object): string => {
  mkdirSync(join(folder, name), { recursive: true });
  writeFileSync(join(folder, name, "cloud.json"), JSON.stringify(content));
  return join(folder, name);
};
const running = { pid: process.pid, endpoint: "http://127.0.0.1:4566", region: "us-east-1" };
const found = {
  endpoint: "http://127.0.0.1:4566",
  region: "us-east-1",
  credentials: { accessKeyId: "local", secretAccessKey: "local" },
};

describe("--local", () => {
  test("calls the local cloud whose address is in .doorstep, here or in a folder above, without any exports", () => {
    dataFolder("clone/.doorstep", running);
    mkdirSync(join(folder, "clone/docs"));
    const before = process.cwd();
    process.chdir(join(folder, "clone/docs"));
    try {
      expect(localCloudConfig(undefined)).toEqual(found);
    } finally {
      process.chdir(before);
    }
  });

  test("is implied by --data", () => {
    const flags = { local: false, data: dataFolder("data", running), region: undefined, endpoint: undefined };
    expect(clientConfig(flags)).toMatchObject(found);
  });

  test("says that no local cloud runs, also where one was killed, and names npm start", async () => {
    for (const data of [join(folder, "none"), dataFolder("killed", { ...running, pid: 2 ** 22 + 1 })])
      expect(await doorstep(["camera", "list", "--data", data])).toEqual({
        exitCode: 1,
        stdout: "",
        stderr: `doorstep camera list: no local cloud runs on ${data}; start it with npm start, or name its folder with --data\n`,
      });
  });

  test("says that the local cloud is starting", () => {
    const data = dataFolder("starting", { pid: process.pid });
    expect(() => localCloudConfig(data)).toThrow(`the local cloud on ${data} is starting; try again once`);
  });

  test("stands beside no other endpoint and Region", async () => {
    const { exitCode, stderr } = await doorstep(["camera", "list", "--local", "--region", "eu-west-1"]);
    expect([exitCode, stderr.split("\n")[0]]).toEqual([
      2,
      "doorstep camera list: the local cloud has a Region and an endpoint of its own; leave out --region and --endpoint",
    ]);
  });
});
