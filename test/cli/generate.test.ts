import { globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { AthenaClient } from "@aws-sdk/client-athena";
import { ListObjectsV2Command, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { runQuery } from "../../operator/athena.ts";
import { startStack, type TestStack } from "../local/stack.ts";
import { useCloud } from "./cloud.ts";
import { doorstep } from "./process.ts";

const days = ["--cameras", "5", "--days", "2", "--until", "2026-11-01T00:00:00Z"];

describe("doorstep generate into a folder", () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "doorstep-generate-"));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  const filesOf = (name: string) =>
    new Map(
      globSync(`${name}/**/*.parquet`, { cwd: folder }).map((file) => [
        file.slice(name.length + 1),
        readFileSync(join(folder, file)).toString("base64"),
      ]),
    );
  const generateInto = async (name: string, ...flags: string[]) =>
    await doorstep(["generate", ...days, "--out", join(folder, name), ...flags]);

  test("writes the same bytes for the same seed and flags, in the lake's partitions", async () => {
    const { exitCode, stdout, stderr } = await generateInto("first");
    expect([exitCode, stderr]).toEqual([0, ""]);
    expect(stdout).toContain("5 cameras, 2026-10-30T00:00:00.000Z to 2026-11-01T00:00:00.000Z, seed 1: ");
    await generateInto("second");
    const first = filesOf("first");
    expect(first.size).toBeGreaterThan(50);
    expect(filesOf("second")).toEqual(first);
    for (const file of first.keys())
      expect(file).toMatch(
        /^(detection|session)_records\/dt=2026-10-3[01]\/hour=\d\d\/generated-1-[0-9a-f]{8}-0\.parquet$/,
      );
  });

  test("writes faces besides with --faces, and removes them too", async () => {
    const { stdout } = await generateInto("faces", "--faces");
    expect(stdout).toMatch(/ rows of detections and [\d,]+ of sessions, [\d,]+ of faces\n/);
    const files = [...filesOf("faces").keys()];
    expect(files.filter((file) => file.startsWith("face_records/")).length).toBeGreaterThan(10);
    await generateInto("faces", "--clean");
    expect(filesOf("faces").size).toBe(0);
  });

  test("writes other data for another seed, and keeps the first seed's", async () => {
    await generateInto("both");
    const before = filesOf("both").size;
    await generateInto("both", "--seed", "2");
    expect(filesOf("both").size).toBeGreaterThan(before + 50);
    const { stdout } = await generateInto("both", "--clean", "--seed", "2");
    expect(stdout).toMatch(/^Removed \d+ generated objects from /);
    expect(filesOf("both")).toEqual(filesOf("first"));
  });

  test("removes generated data and nothing else", async () => {
    await generateInto("cleaned");
    const [file] = globSync("cleaned/detection_records/**/*.parquet", { cwd: folder });
    const real = join(folder, file!, "..", "doorstep-dev-detections-1.parquet");
    writeFileSync(real, "");
    const { stdout } = await generateInto("cleaned", "--clean");
    expect(stdout).toMatch(/^Removed \d+ generated objects/);
    expect(globSync("cleaned/**/*.parquet", { cwd: folder }).map((name) => join(folder, name))).toEqual([
      real,
    ]);
    expect((await generateInto("cleaned", "--clean")).stdout).toMatch(/^Removed no generated objects/);
  });

  test("names what it cannot write", async () => {
    writeFileSync(join(folder, "a-file"), "");
    const { exitCode, stderr } = await generateInto("a-file");
    expect(exitCode).toBe(1);
    expect(stderr).toContain("ENOTDIR");
  });

  test.each([
    ["zero cameras", ["--cameras", "0"], "--cameras is 0; expected a whole number from 1 to 1,000,000"],
    ["negative days", ["--days=-2"], "--days is -2; expected a whole number from 1 to 3,650"],
    ["a fraction of a day", ["--days", "0.5"], "--days is 0.5; expected a whole number"],
    ["text as seed", ["--seed", "luck"], "--seed is luck; expected a whole number from 0 to 4,294,967,295"],
    ["zero detections", ["--detections-per-day", "0"], "expected a number from 0.1 to 2,000"],
    ["days in the future", ["--until", "2090-01-01T00:00:00Z"], "expected at most a day from now"],
    [
      "days before the lake's first",
      ["--until", "2020-01-01T12:00:00Z"],
      "expected 2020-01-01 at the earliest",
    ],
    ["an unknown flag", ["--rows", "3"], "Unknown option '--rows'"],
  ])("exits with code 2 for %s", async (_, flags, message) => {
    const { exitCode, stderr } = await doorstep(["generate", "--out", join(folder, "never"), ...flags]);
    expect(exitCode).toBe(2);
    expect(stderr).toContain(message);
    expect(filesOf("never").size).toBe(0);
  });
});

describe("doorstep generate into a stack's lake", () => {
  let stack: TestStack;
  let restoreEnvironment: () => void;
  beforeAll(async () => {
    stack = await startStack([], { parameters: { LakeFirstDay: "2026-01-02" } });
    restoreEnvironment = useCloud(stack.config.endpoint!);
  });
  afterAll(async () => {
    restoreEnvironment();
    await stack.stop();
  });

  const query = async (sql: string) => {
    const { WorkGroupName: workGroup, DatabaseName: database } = stack.journey.outputs;
    const client = new AthenaClient(stack.config);
    return (await runQuery(sql, { client, workGroup, database })).rows[0];
  };

  test("refuses days before the lake's first, whose rows no query would find, and says what to change", async () => {
    const flags = ["--days", "5", "--until", "2026-01-06T00:00:00Z"];
    const { exitCode, stderr } = await doorstep(["generate", ...flags]);
    expect(exitCode).toBe(2);
    expect(stderr).toContain(
      "the days begin at 2026-01-01T00:00:00.000Z, before the lake's first day, 2026-01-02: no query would find their rows. " +
        "Generate fewer days, or deploy with lakeFirstDay=2026-01-01 first",
    );
  });

  test("is read by Athena as reported, once in the views, and is gone after --clean", async () => {
    const s3 = new S3Client(stack.config);
    const Bucket = stack.journey.outputs.LakeBucketName;
    await s3.send(new PutObjectCommand({ Bucket, Key: "raw/kept.json", Body: "{}" }));
    const { exitCode, stdout, stderr } = await doorstep([
      "generate",
      ...days,
      "--detections-per-day",
      "200",
      "--json",
    ]);
    expect([exitCode, stderr.includes("into s3://")]).toEqual([0, true]);
    const { rows, where } = JSON.parse(stdout);
    expect(where).toBe(`s3://${Bucket}`);
    expect(rows.detection_records).toBeGreaterThan(1000);

    expect(
      await query(
        "SELECT count(*), count_if(camera_id LIKE 'generated-1-%'), count_if(tags['generated'] = 'true') FROM detection_records",
      ),
    ).toEqual(Array(3).fill(String(rows.detection_records)));
    expect(await query("SELECT count(*) FROM session_records")).toEqual([String(rows.session_records)]);
    // Timestamps equal the milliseconds beside them, and are in the right partitions.
    expect(
      await query(`SELECT count(*) FROM detections
                 WHERE to_unixtime(detected_at) * 1000 <> detected_at_ms
                    OR date_format(detected_at, '%Y-%m-%d %H') <> dt || ' ' || hour`),
    ).toEqual(["0"]);
    const [facts, labels, notifications] = (await query(
      `SELECT (SELECT count(*) FROM detections), sum(labels), count(*)
       FROM (SELECT max(1 + coalesce(cardinality(more_labels), 0)) AS labels FROM detection_records GROUP BY event_id)`,
    ))!;
    expect(facts).toBe(labels);
    expect(Number(labels)).toBeGreaterThan(Number(notifications));
    expect(Number(notifications)).toBeLessThanOrEqual(rows.detection_records);

    expect((await doorstep(["generate", "--clean"])).stdout).toMatch(
      /^Removed \d+ generated objects from s3:/,
    );
    expect(await query("SELECT count(*) FROM detection_records")).toEqual(["0"]);
    const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket, Prefix: "raw/" }));
    expect(Contents.map(({ Key }) => Key)).toEqual(["raw/kept.json"]);
  });

  test("names a missing stack", async () => {
    const { exitCode, stderr } = await doorstep(["generate", "--stack", "elsewhere"]);
    expect(exitCode).toBe(1);
    expect(stderr).toContain("stack elsewhere");
  });
});
