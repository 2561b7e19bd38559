import { PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { describe, expect, test } from "@jest/globals";
import { parquetFiles } from "../queries/lake.ts";
import { smallHistory } from "../queries/small-history.ts";
import type { TestStack } from "../local/stack.ts";
import { useStack } from "./stack.ts";
import { doorstep, type CommandResult } from "./process.ts";

let stack: TestStack;
useStack(async (started) => {
  stack = started;
  const s3 = new S3Client({ ...stack.config, forcePathStyle: true });
  for (const [folder, Body] of await parquetFiles(smallHistory)) {
    const Bucket = stack.journey.outputs.LakeBucketName;
    await s3.send(new PutObjectCommand({ Bucket, Key: `${folder}/a.parquet`, Body }));
  }
});

const query = (...args: string[]): Promise<CommandResult> => doorstep(["query", ...args]);
const DAYS = ["--param", "from=2026-03-02", "--param", "to=2026-03-03"];

describe("doorstep query with a name", () => {
  test("prints a table with numbers to the right and visible NULL, and on stderr what it scanned", async () => {
    const { exitCode, stdout, stderr } = await query("week-over-week", "--param", "to=2026-03-03");
    expect(exitCode).toBe(0);
    expect(stdout.split("\n").map((line) => line.trimEnd())).toEqual([
      "label    this_week  week_before  change  change_percent",
      "PACKAGE          3            0       3            NULL",
      "PERSON           3            1       2           200.0",
      "PET              4            0       4            NULL",
      "",
    ]);
    expect(stderr).toMatch(/^3 rows, \d+\.\d kB scanned, \$0\.00005 at list price\n$/);
  });

  test("prints CSV with --csv: lines end in CR LF, NULL is empty", async () => {
    const { stdout } = await query("longest-gaps", ...DAYS, "--param", "rows=1", "--csv");
    expect(stdout).toBe(
      "camera_id,from_at,until_at,seconds,outcome,reason\r\n" +
        "front,2026-03-03 15:00:00.000,2026-03-03 15:01:40.000,100.0,gap,throttled\r\n",
    );
    const { stdout: quoted } = await query(
      `SELECT 'a "b", c' AS x, '' AS empty, CAST(NULL AS varchar) AS n`,
      "--csv",
    );
    expect(quoted).toBe('x,empty,n\r\n"a ""b"", c","",\r\n');
  });

  test("prints JSON with --json, numbers as numbers", async () => {
    const { stdout } = await query("late-arrivals", ...DAYS, "--json");
    expect(JSON.parse(stdout)).toEqual({
      columns: [
        { name: "camera_id", type: "varchar" },
        { name: "detections", type: "bigint" },
        { name: "late", type: "bigint" },
        { name: "late_percent", type: "double" },
        { name: "longest_minutes", type: "double" },
        { name: "latest_was_filmed_at", type: "timestamp" },
      ],
      rows: [
        {
          camera_id: "back",
          detections: 4,
          late: 1,
          late_percent: 25,
          longest_minutes: 60.9,
          latest_was_filmed_at: "2026-03-03 05:59:06.000",
        },
      ],
      scannedBytes: expect.any(Number),
      usd: 0.00005,
    });
  });

  test("prints with --explain which days, files and bytes it would read, and runs nothing", async () => {
    const { exitCode, stdout, stderr } = await query(
      "sessions-without-detections",
      ...DAYS,
      "--explain",
      "--json",
    );
    expect(exitCode).toBe(0);
    const { scans } = JSON.parse(stdout) as { scans: { table: string; bytes: number }[] };
    expect(scans.toSorted((a, b) => a.table.localeCompare(b.table))).toEqual([
      {
        database: "doorstep_dev",
        table: "detection_records",
        partitions: { dt: { first: "2026-03-02", last: "2026-03-04" }, hour: { first: "00", last: "23" } },
        listed: 72,
        files: 8,
        bytes: expect.any(Number),
      },
      {
        database: "doorstep_dev",
        table: "session_records",
        partitions: { dt: { first: "2026-03-02", last: "2026-03-03" }, hour: { first: "00", last: "23" } },
        listed: 48,
        files: 12,
        bytes: expect.any(Number),
      },
    ]);
    expect(stderr).toMatch(
      /^detection_records +dt 2026-03-02 to 2026-03-04, hour 00 to 23 +72 +8 +\d+\.\d kB$/m,
    );
    expect(stderr).toMatch(/^At most \d+\.\d kB to scan, \$0\.00005 at list price/m);
    expect(stderr).toMatch(/^Lists 120 partitions \(120 LIST requests to S3, about \$0\.0006\)\.$/m);
  });

  test.each([
    [["pets-at-nigth"], "the pack has no query pets-at-nigth; did you mean pets-at-night?"],
    [["dwell"], "the pack has no query dwell; did you mean package-dwell?"],
    [["qqq"], "the pack has no query qqq; npx doorstep query lists them"],
    [["timeline"], "timeline needs --param camera=…: the camera's id"],
    [["timeline", "--param", "camera"], "--param is camera; expected <name>=<value>"],
    [["longest-gaps", "--param", "rows=many"], "rows is many; expected a whole number"],
    [["SELECT 1", "--param", "a=1"], "--param is for queries of the pack; write values into SQL"],
    [["timeline", "--csv", "--json"], "give --csv or --json, not both"],
    [["SELECT", "1"], "expected [<name or SQL>], got SELECT 1"],
  ])("refuses %j", async (args, message) => {
    const { exitCode, stderr } = await query(...args);
    expect([exitCode, stderr.split("\n")[0]]).toEqual([2, `doorstep query: ${message}`]);
  }); // prettier-ignore
});

describe("doorstep query with SQL", () => {
  test("shows the error in the SQL, with a mark under its position", async () => {
    const { exitCode, stdout, stderr } = await query("SELECT camera_id,\n  colour FROM detections");
    expect([exitCode, stdout]).toEqual([1, ""]);
    const [message, , line, mark] = stderr.split("\n");
    expect(message).toMatch(
      /^doorstep query: COLUMN_NOT_FOUND: line 2:3: Column 'colour' cannot be resolved/,
    );
    expect([line, mark]).toEqual(["2 |   colour FROM detections", "      ^"]);
  });

  test("prints control characters of a text as dots", async () => {
    const { stdout } = await query("SELECT 'a' || chr(27) || '[31mred' AS x");
    expect(stdout.split("\n").map((line) => line.trimEnd())).toEqual(["x", "a·[31mred", ""]);
  });

  test("stops the execution on an interruption", async () => {
    const interrupt = new AbortController();
    const { events } = stack.local.cloud;
    const before = new Set(events.matching(() => true).map(({ detail }) => detail["queryExecutionId"]));
    const started = events.waitFor(
      ({ name, detail }) =>
        name === "query-state-changed" &&
        detail["state"] === "RUNNING" &&
        !before.has(detail["queryExecutionId"]),
    );
    const slow =
      "SELECT count(*) FROM UNNEST(sequence(1, 3000000)) AS a(x) CROSS JOIN UNNEST(sequence(1, 3000000)) AS b(y) WHERE (x * y) % 7 = 3";
    const result = doorstep(["query", slow], { signal: interrupt.signal });
    const { detail } = await started;
    interrupt.abort(new Error("interrupted by SIGINT"));
    expect(await result).toEqual({
      exitCode: 1,
      stdout: "",
      stderr: "doorstep query: interrupted by SIGINT\n",
    });
    await events.waitFor(
      (event) =>
        event.name === "query-ended" &&
        event.detail["queryExecutionId"] === detail["queryExecutionId"] &&
        event.detail["state"] === "CANCELLED",
    );
  });
});

describe("doorstep query without an operand", () => {
  test("lists the pack", async () => {
    const { exitCode, stdout } = await query();
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/^query +purpose *\nalerts-if +Alerts that a rule would have/);
    expect(stdout).toMatch(/^week-over-week +Detections by label/m);
  });

  test("lists its parameters with --json", async () => {
    const { stdout } = await query("--json");
    const pack = JSON.parse(stdout) as { name: string; parameters: { name: string }[] }[];
    const names = pack.find(({ name }) => name === "timeline")?.parameters.map(({ name }) => name);
    expect(names).toEqual(["from", "to", "camera"]);
  });
});
