import { gzipSync } from "node:zlib";
import { PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { jsonTable, TestLake } from "./lake.ts";

const columns = { label: "string", n: "bigint", seen_at: "timestamp", tags: "map<string,string>" };
const LINES = `{"label":"PERSON","n":1,"seen_at":"2026-11-20 05:00:00.123","tags":{"site":"x"},"more":true}
{"label":"PET","n":2}
`;

describe("a table of lines of JSON", () => {
  let lake: TestLake;
  const zipped = gzipSync('{"label":"PACKAGE","n":3}\n');
  const put = async (Key: string, Body: string | Uint8Array) => {
    await lake.local.client(S3Client).send(new PutObjectCommand({ Bucket: "lake", Key, Body }));
  };
  beforeAll(async () => {
    lake = await TestLake.start({
      Arrivals: jsonTable("arrivals", columns),
      Strict: jsonTable("strict", { n: "bigint" }),
      Lenient: jsonTable("lenient", { n: "bigint" }, { "ignore.malformed.json": "TRUE" }),
      Empty: jsonTable("empty", { n: "bigint" }),
      Mapped: jsonTable("mapped", { n: "bigint" }, { "mapping.n": "number" }),
    });
    await put("arrivals/2026/11/20/a", LINES);
    await put("arrivals/2026/11/21/b.gz", zipped);
    for (const table of ["strict", "lenient"]) await put(`${table}/a.json`, '{"n":1}\nnot JSON\n{"n":2}\n');
  });
  afterAll(() => lake.stop());

  test("is read line by line, decompressed by its name, with missing members as NULL", async () => {
    expect(
      await lake.rows("SELECT label, n, seen_at, tags['site'] AS site FROM arrivals WHERE n = 1"),
    ).toEqual([
      ["label", "n", "seen_at", "site"],
      ["PERSON", "1", "2026-11-20 05:00:00.123", "x"],
    ]);
    expect(await lake.rows("SELECT label, seen_at FROM arrivals WHERE n > 1 ORDER BY n")).toEqual([
      ["label", "seen_at"],
      ["PET", null],
      ["PACKAGE", null],
    ]);
    expect(await lake.rows("SELECT count(*) AS n FROM empty")).toEqual([["n"], ["0"]]);
  });

  test("is scanned as a whole by every query", async () => {
    for (const sql of ["SELECT count(*) FROM arrivals", "SELECT label FROM arrivals WHERE n = 2"])
      expect((await lake.run(sql)).Statistics?.DataScannedInBytes).toBe(LINES.length + zipped.length);
  });

  test("fails at a line that is not JSON, and names the file, unless it ignores malformed lines", async () => {
    expect(await lake.failure("SELECT sum(n) FROM strict")).toBe(
      "HIVE_CURSOR_ERROR: Row is not a valid JSON Object [s3://lake/strict/a.json]",
    );
    expect(await lake.rows("SELECT sum(n) AS n FROM lenient")).toEqual([["n"], ["3"]]);
  });

  test("is refused with a SerDe parameter that is not emulated", async () => {
    expect(await lake.failure("SELECT n FROM mapped")).toBe(
      "NOT_SUPPORTED: the SerDe parameter mapping.n of table doorstep.mapped is not emulated",
    );
  });
});
