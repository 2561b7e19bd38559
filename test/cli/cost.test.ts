import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { FLEET_DEFAULTS, fleetCost, totalUsd } from "../../analysis/cost.ts";
import { idleCost } from "../../analysis/idle.ts";
import { listPrices } from "../../analysis/prices.ts";
import { doorstep } from "./process.ts";

const dollars = (usd: number): string =>
  usd.toLocaleString("en", { minimumFractionDigits: 2, maximumFractionDigits: 2 }).replace(".", "\\.");

describe("doorstep cost", () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "doorstep-cost-"));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  const fileOf = (text: string) => {
    const file = join(folder, "prices.json");
    writeFileSync(file, text);
    return file;
  };

  test("prints cost by service and engine, with totals, and marks what depends on an assumption", async () => {
    const { exitCode, stdout, stderr } = await doorstep(["cost"]);
    expect([exitCode, stderr]).toEqual([0, ""]);
    const lines = stdout.split("\n");
    expect(lines[0]).toBe(
      "100 cameras, 30 motions per day of 20 s: US dollars per month, us-east-1, prices of 2026-11-20",
    );
    expect(lines.find((line) => line.includes("streaming video"))).toMatch(
      /^Rekognition +streaming video +245\.10 +secondary$/,
    );
    expect(lines.find((line) => line.startsWith("Rekognition      images"))).toMatch(
      /^Rekognition +images +~540\.00 +secondary +a sample at least every 5 s to the session's end$/,
    );
    expect(lines.find((line) => line.includes("images of samples"))).toMatch(/ ~5\.40 +unconfirmed +/);
    expect(lines.find((line) => line.includes("video in"))).toMatch(
      / ~3\.83 +~3\.83 +~3\.83 +documented +2 Mbit\/s$/,
    );
    expect(lines.find((line) => line.includes("face search in"))).toMatch(
      /^Rekognition +face search in streaming video +3,600\.00 +unconfirmed$/,
    );
    expect(lines.find((line) => line.startsWith("in use"))).toMatch(/^in use +265\.60 +580\.29 +4,698\.97$/);
    // What the stack costs without a camera is held by a test of the template.
    const idle = idleCost(listPrices, { ownKey: false });
    const three = (usd: readonly number[]) => usd.map((one) => ` +${dollars(one)}`).join("");
    const fleet = { ...FLEET_DEFAULTS, cameras: 100, motionsPerDay: 30, seconds: 20 };
    const engines = ["stream-processor", "frames", "face-search"] as const;
    const totals = engines.map((engine) => totalUsd(fleetCost(engine, fleet)) + totalUsd(idle));
    expect(lines.find((line) => line.startsWith("idle"))).toMatch(
      new RegExp(`^idle${three([1, 1, 1].map(() => totalUsd(idle)))} +\\d+\\.\\d\\d beyond free$`),
    );
    expect(lines.find((line) => line.startsWith("total"))).toMatch(new RegExp(`^total${three(totals)}$`));
    expect(lines.find((line) => line.startsWith("per camera"))).toMatch(
      new RegExp(`^per camera${three(totals.map((usd) => usd / 100))}$`),
    );
    expect(stdout).toContain("A face-search processor that is left running costs $5,184 a month and camera");
  });

  test("prints the fleet, every line and every price as JSON, for one engine if requested", async () => {
    const { stdout } = await doorstep(["cost", "--cameras", "1", "--engine", "stream-processor", "--json"]);
    const result = JSON.parse(stdout);
    const idle = result.idle.lines.reduce((sum: number, { usd }: { usd: number }) => sum + usd, 0);
    expect(result.idle.usdPerMonth).toBeCloseTo(idle, 10);
    expect(result.engines[0].usdPerMonth).toBeCloseTo(
      idle + result.engines[0].lines.reduce((sum: number, { usd }: { usd: number }) => sum + usd, 0),
      10,
    );
    expect(result.fleet).toMatchObject({ cameras: 1, motionsPerDay: 30, seconds: 20 });
    expect(result.engines.map(({ engine }: { engine: string }) => engine)).toEqual(["stream-processor"]);
    expect(result.engines[0].lines[0]).toEqual({
      service: "Rekognition",
      what: "streaming video",
      price: "rekognitionStreamingMinute",
      amount: 300,
      usd: 2.451,
    });
    expect(result.prices.rekognitionStreamingMinute).toMatchObject({
      usd: 0.00817,
      per: 1,
      unit: "minutes of video",
    });
  });

  test("prices the samples of frames by their longest gap and by when all labels are detected", async () => {
    const calls = async (...flags: string[]) => {
      const { stdout } = await doorstep(["cost", "--cameras=1", "--engine=frames", "--json", ...flags]);
      return JSON.parse(stdout).engines[0].lines[0];
    };
    // 900 motions of 6 samples
    expect(await calls()).toMatchObject({ price: "rekognitionImage", amount: 5400, usd: 5.4 });
    // At 0, 1, 3, 7 and 15 s
    expect(await calls("--max-sample-gap=60")).toMatchObject({ amount: 4500 });
    expect(await calls("--detected-after=2")).toMatchObject({ amount: 2700 });
  });

  test("includes a key of the account's own where there is one", async () => {
    const { stdout } = await doorstep(["cost", "--own-key"]);
    expect(stdout).toMatch(/^KMS +key of your own +1\.00 +1\.00 +1\.00 +unconfirmed$/m);
    const idle = ["", "--own-key"].map(async (flag) => {
      const { stdout: json } = await doorstep(["cost", "--json", ...(flag ? [flag] : [])]);
      return JSON.parse(json).idle.usdPerMonth as number;
    });
    const [without, withKey] = await Promise.all(idle);
    expect(withKey! - without!).toBeCloseTo(1.3, 6);
  });

  test("reads prices from a file and marks them as given", async () => {
    const file = fileOf('{"region": "eu-west-1", "prices": {"rekognitionStreamingMinute": {"usd": 0.01}}}');
    const { stdout } = await doorstep(["cost", "--prices", file, "--engine", "stream-processor"]);
    expect(stdout).toContain("eu-west-1");
    expect(stdout).toMatch(/streaming video +300\.00 +given/);
  });

  test.each([
    ["zero cameras", ["--cameras", "0"], "--cameras is 0; expected a whole number from 1 to 10,000,000"],
    ["a negative number", ["--seconds=-3"], "--seconds is -3; expected a number from 0.1 to 86,400"],
    [
      "a long gap",
      ["--max-sample-gap", "61"],
      "--max-sample-gap is 61; expected a whole number from 1 to 60",
    ],
    ["a word", ["--mbps", "many"], "--mbps is many; expected a number from 0.01 to 100"],
    ["another engine", ["--engine", "magic"], "--engine is magic; expected stream-processor"],
    ["an unknown flag", ["--days", "3"], "Unknown option '--days'"],
    ["a missing file", ["--prices", "/no/prices.json"], "--prices /no/prices.json: ENOENT"],
  ])("exits with code 2 for %s", async (_, flags, message) => {
    const { exitCode, stderr } = await doorstep(["cost", ...flags]);
    expect(exitCode).toBe(2);
    expect(stderr).toContain(message);
  });

  test.each([
    ["invalid JSON", "{", "JSON"],
    ["an unknown price", '{"prices": {"gold": {"usd": 1}}}', "prices.gold: no price of that name"],
    [
      "a price that is text",
      '{"prices": {"s3Put": {"usd": "1"}}}',
      'prices.s3Put.usd is "1"; expected a number',
    ],
    ["a price for 0 units", '{"prices": {"s3Put": {"usd": 1, "per": 0}}}', "expected more than 0"],
  ])("names the field in a price file with %s", async (_, content, message) => {
    const { exitCode, stderr } = await doorstep(["cost", "--prices", fileOf(content)]);
    expect(exitCode).toBe(2);
    expect(stderr).toContain(message);
  });
});
