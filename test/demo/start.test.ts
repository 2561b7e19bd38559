import { execFile } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { DeleteObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { startReceiver } from "../../examples/alert-receiver.ts";
import { localCloudConfig } from "../../cli/local-cloud.ts";
import type { SavedPicture } from "../../operator/evidence.ts";
import { doorstep } from "../cli/process.ts";
import { npmStart, PORTS, stop, type Start } from "./npm-start.ts";
import type { Chains } from "../../schemas/console/chains.ts";
import type { Day } from "../../schemas/console/day.ts";
import { ConsoleClient } from "../console/client.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "doorstep-start-"));
const dataFolder = join(folder, "the data");
symlinkSync(join(root, "node_modules"), join(folder, "node_modules"));

/** A shell as a newcomer's, without AWS credentials. Its folder is as the clone's for npx, and may be written to. */
async function inShell(line: string): Promise<string> {
  const { stdout } = await promisify(execFile)("sh", ["-c", line], { cwd: folder, env: withoutAws() });
  return stdout;
}

const withoutAws = () =>
  Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith("AWS_")));

/** The output of printed commands that succeed: the first one's as a newcomer runs it, the others' without npx and a process each. */
async function outputsOf([first, ...others]: readonly string[]): Promise<string[]> {
  const outputs = [await inShell(first!)];
  const before = process.env;
  for (const command of others) {
    const words = await inShell(`npx() { printf '%s\\0' "$@"; }; ${command}`);
    const [program, ...args] = words.split("\0").slice(0, -1);
    expect(program).toBe("doorstep");
    process.env = withoutAws();
    const { exitCode, stdout, stderr } = await doorstep(args).finally(() => (process.env = before));
    if (exitCode !== 0) throw new Error(stderr);
    outputs.push(stdout);
  }
  return outputs;
}

afterAll(() => rmSync(folder, { recursive: true }));

describe("npm start", () => {
  let first: Start;
  let again: Start;
  let receiver: Awaited<ReturnType<typeof startReceiver>>;
  const received: string[] = [];
  beforeAll(async () => {
    receiver = await startReceiver({
      port: 0,
      picturesFolder: join(folder, "alerts"),
      secret: undefined,
      print: (line) => received.push(line),
    });
    first = await npmStart("--data", dataFolder, "--alert", receiver.url, ...PORTS);
  });
  afterAll(() => receiver.close());

  test("ends with commands that work as they are printed, without exports", async () => {
    const lines = first.text().split("\n");
    const commands = lines.filter((line) => line.startsWith("  npx doorstep "));
    expect(commands).toHaveLength(5);
    const [counts, timeline, evidence, coverage] = await outputsOf(
      commands.map((command) => command.replace("report.html", join(folder, "r.html"))),
    );
    const rows = counts!.split("\n").slice(1, 5);
    expect(new Set(rows.map((row) => row.trim().replaceAll(/\s+/g, " ")))).toEqual(
      new Set(["back-yard PERSON 1", "back-yard PET 1", "front-door PACKAGE 1", "front-door PERSON 1"]),
    );
    expect(timeline).toContain("PACKAGE");
    expect(evidence).toMatch(/front-door\s+PERSON\s+evidence\/front-door-.*-person\.jpg/);
    expect(coverage).toContain("front-door");
    const flush = /curl -X POST \S+/.exec(first.text())![0];
    expect(JSON.parse(await inShell(flush))).toBeDefined();
  });

  test("sends alerts to an address, and says what became of each revision", async () => {
    expect(first.text()).toContain(`Alerts go to ${receiver.url}, in the format standard.`);
    expect(first.text()).toContain("the target may have a private address and no TLS");
    for (const [title, outcome] of [
      ["Person at front-door", "sent"],
      ["Pet and person at back-yard", "sent, silent"],
      ["Person and package at front-door (ended)", "sent, silent"],
      ["Package left at front-door", "sent"],
    ] as const) {
      const row = first
        .text()
        .split("\n")
        .find((line) => line.includes(`│ ${title} `));
      expect(row?.split("│").map((cell) => cell.trim())).toContain(outcome);
      expect(received.filter((line) => line.includes(`: ${title} (warning`))).toHaveLength(1);
    }
    const [, command] = /The secret that signs them: (.*)/.exec(first.text())!;
    expect(await outputsOf([command!])).toEqual([expect.stringMatching(/whsec_[\w+/]{43}=/)]);
  });

  test("exports what every client reads: AWS CLI 1 and 2, boto3 and the SDKs", async () => {
    const exports = first
      .text()
      .split("\n")
      .filter((line) => line.startsWith("  export "));
    const env = await inShell(`${exports.join("\n")}\nenv | grep ^AWS_ | sort`);
    expect(env).toMatch(
      /^AWS_ACCESS_KEY_ID=local\nAWS_DEFAULT_REGION=us-east-1\nAWS_ENDPOINT_URL=http:\/\/127\.0\.0\.1:\d+\nAWS_REGION=us-east-1\nAWS_SECRET_ACCESS_KEY=local\n$/,
    );
  });

  test("serves the console at the address that it prints first, with pictures and the clip of what was detected", async () => {
    const lines = first.text().split("\n");
    const url = /^Console {2}(http\S+)$/.exec(lines.find((line) => line.startsWith("Console"))!)![1]!;
    const client = new ConsoleClient(url);
    expect((await client.get("/api/overview")).json).toMatchObject({ cloud: "local", isLakeEmpty: false });
    const { chains } = (await client.get("/api/chains")).json as Chains;
    const labelsOf = (cameraId: string) =>
      chains
        .filter((chain) => chain.cameraId === cameraId)
        .flatMap(({ detections }) => detections.map(({ label }) => label));
    expect(labelsOf("front-door").toSorted()).toEqual(["PACKAGE", "PERSON"]);
    expect(labelsOf("back-yard").toSorted()).toEqual(["PERSON", "PET"]);
    const { cameraId, startedAtMs, detections } = chains[0]!;
    for (const path of detections.flatMap(({ frame, crop }) =>
      [frame, crop].filter((one) => one !== undefined),
    )) {
      const picture = await client.get(path);
      expect([picture.status, picture.headers["content-type"]]).toEqual([200, "image/jpeg"]);
    }
    const clip = await client.get(
      `/api/clips?camera=${cameraId}&from=${startedAtMs}&to=${startedAtMs + 20_000}`,
    );
    expect([clip.status, clip.headers["content-type"], clip.text.slice(4, 8)]).toEqual([
      200,
      "video/mp4",
      "ftyp",
    ]);
    const day = (await client.get(`/api/cameras/${cameraId}/day`)).json as Day;
    expect(day.video).toMatchObject({ kind: "known" });
    expect(day.analysed.map(({ chainId }) => chainId)).toContain(chains[0]!.chainId);
  });

  test("shows both engines, by a camera each, and says what each sees", () => {
    expect(first.text()).toContain("front-door (stream-processor), back-yard (frames)");
    expect(first.text()).toContain("front-door: stream-processor analyses all of the video");
    expect(first.text()).toContain("back-yard: frames samples moments of the video");
  });

  test("shows pictures of what was detected, as files that open with a double click", () => {
    const pictures = first.text().match(/^\S.*the data\/evidence\/.*\.jpg$/gm) ?? [];
    expect(pictures).toHaveLength(4);
    for (const picture of pictures)
      expect(readFileSync(picture).subarray(0, 3)).toEqual(Buffer.from([0xff, 0xd8, 0xff]));
  });

  test("leaves detections whose pictures evidence fetches, and names a picture that has expired", async () => {
    const output = join(folder, "pictures");
    const fetch = async () => {
      const args = ["evidence", "back-yard", "--json", "-o", output, "--data", dataFolder];
      const { stdout } = await doorstep(args);
      return (JSON.parse(stdout) as { pictures: SavedPicture[] }).pictures;
    };
    const [picture] = await fetch();
    const [, Bucket, Key] = /^s3:\/\/([^/]+)\/(.+)$/.exec(picture!.detection.cropUri!)!;
    await new S3Client(localCloudConfig(dataFolder)).send(new DeleteObjectCommand({ Bucket, Key }));
    const [expired, ...others] = await fetch();
    expect(expired).toMatchObject({ missing: "the picture has expired or was deleted" });
    const names = others.map((one) => ("file" in one ? basename(one.file) : one.missing));
    expect(names).toEqual([
      expect.stringMatching(/^back-yard-[\dTZ.-]+-person-frame\.jpg$/),
      expect.stringMatching(/^back-yard-[\dTZ.-]+-pet\.jpg$/),
      expect.stringMatching(/^back-yard-[\dTZ.-]+-pet-frame\.jpg$/),
    ]);
  });

  test("refuses a folder in use before anything else, and leaves the running cloud as it is", async () => {
    const second = await npmStart("--data", dataFolder, ...PORTS);
    expect(second.process.exitCode).toBe(1);
    expect(second.text()).toMatch(
      new RegExp(
        `^a local cloud runs on ${dataFolder} already \\(process ${first.process.pid}, AWS endpoint http`,
      ),
    );
    const { stdout } = await doorstep(["camera", "list", "--json", "--data", dataFolder]);
    expect((JSON.parse(stdout) as { cameras: unknown[] }).cameras).toHaveLength(2);
  });

  test("refuses a port in use before anything else", async () => {
    const [, port] = /AWS_ENDPOINT_URL=http:\/\/127\.0\.0\.1:(\d+)/.exec(first.text())!;
    const second = await npmStart("--data", join(folder, "other"), "--aws-port", port!);
    expect(second.text()).toBe(
      `port ${port} for the AWS endpoint is in use; stop what uses it or choose another with --aws-port\n`,
    );
  });

  test("takes up a stored state without repeating the demo, after a kill too", async () => {
    first.process.kill("SIGKILL");
    await once(first.process, "close");
    again = await npmStart("--data", dataFolder, "--json", ...PORTS);
    expect(again.text()).toContain("Analysed before");
    expect(again.text()).not.toContain("PutMedia");
    expect(again.result()).toMatchObject({
      analysed: 0,
      sessions: 2,
      notifications: 0,
      rows: { detections: 4, sessions: 2 },
      detections: [
        { camera: "back-yard", engine: "frames", label: "PET", confidence: 95.2, afterMs: 3000 },
        { camera: "back-yard", engine: "frames", label: "PERSON", confidence: 98.6, afterMs: 12_000 },
        {
          camera: "front-door",
          engine: "stream-processor",
          label: "PERSON",
          confidence: 98.6,
          afterMs: 1583,
        },
        {
          camera: "front-door",
          engine: "stream-processor",
          label: "PACKAGE",
          confidence: 93.4,
          afterMs: 6333,
        },
      ],
    });
  });

  test("keeps the cloud up when the demo fails, and says what failed; --engine has moved the camera", async () => {
    await doorstep(["camera", "disarm", "front-door", "--data", dataFolder]);
    expect(await stop(again)).toBe(0);
    const start = await npmStart("--data", dataFolder, "--replay", "--engine", "frames", ...PORTS);
    expect(start.text()).toContain(
      "✗ The demo failed: front-door analyses no motion now, because of its schedule; npx doorstep camera show front-door shows it",
    );
    const { stdout } = await doorstep(["camera", "show", "front-door", "--json", "--data", dataFolder]);
    expect(JSON.parse(stdout)).toMatchObject({ camera: { cameraId: "front-door", engine: "frames" } });
    expect(await stop(start)).toBe(1);
  });

  test("boots alone with --no-demo", async () => {
    const start = await npmStart("--no-demo", "--data", join(folder, "alone"), ...PORTS);
    expect(start.text()).not.toContain("PutMedia");
    const commands = start.text().match(/^ {2}npx doorstep camera .*$/gm)!;
    expect(commands).toHaveLength(2);
    await outputsOf(commands);
    expect(await stop(start)).toBe(0);
  });
});
