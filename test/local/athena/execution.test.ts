import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  AthenaClient,
  GetQueryExecutionCommand,
  GetQueryResultsCommand,
  GetWorkGroupCommand,
  ListQueryExecutionsCommand,
  ListWorkGroupsCommand,
  StartQueryExecutionCommand,
  StopQueryExecutionCommand,
} from "@aws-sdk/client-athena";
import { HeadObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { database, dtAndHour, parquetTable, TestLake } from "./lake.ts";

const allow = (Action: string | string[], Resource: string | string[]) => ({
  Effect: "Allow",
  Action,
  Resource,
});

const role = (...Statement: object[]) => ({
  Type: "AWS::IAM::Role",
  Properties: {
    AssumeRolePolicyDocument: { Statement: [] },
    Policies: [{ PolicyName: "query", PolicyDocument: { Statement } }],
  },
});

const query = allow("athena:*", "arn:aws:athena:us-east-1:000000000000:workgroup/primary");
const readCatalog = allow(
  ["glue:GetTable", "glue:GetDatabase"],
  ["catalog", "database/doorstep", "table/doorstep/*"].map(
    (name) => `arn:aws:glue:us-east-1:000000000000:${name}`,
  ),
);
const useResults = allow(["s3:PutObject", "s3:GetObject"], "arn:aws:s3:::results/out/*");
const listLake = allow("s3:ListBucket", "arn:aws:s3:::lake");

const resources = {
  Seen: parquetTable("seen", { label: "string" }, { dt: "string", hour: "string" }, dtAndHour("seen")),
  Noise: parquetTable("noise", { x: "double" }),
  Analyst: role(
    query,
    readCatalog,
    useResults,
    listLake,
    allow("s3:GetObject", "arn:aws:s3:::lake/seen/*/hour=05/*"),
  ),
  NoObjects: role(query, readCatalog, useResults, listLake),
  NoList: role(query, readCatalog, useResults),
  NoGlue: role(query, useResults),
  NoResults: role(query, readCatalog, listLake, allow("s3:GetObject", "arn:aws:s3:::lake/*")),
  Frugal: {
    Type: "AWS::Athena::WorkGroup",
    Properties: {
      Name: "frugal",
      Description: "small queries",
      RecursiveDeleteOption: true,
      WorkGroupConfiguration: {
        EnforceWorkGroupConfiguration: true,
        BytesScannedCutoffPerQuery: 10_000_000,
        ResultConfiguration: {
          OutputLocation: "s3://results/frugal",
          EncryptionConfiguration: { EncryptionOption: "SSE_S3" },
        },
      },
    },
  },
  Closed: { Type: "AWS::Athena::WorkGroup", Properties: { Name: "closed", State: "DISABLED" } },
};

const ENDLESS =
  "SELECT count(*) FROM UNNEST(sequence(1, 100000)) AS a(x) CROSS JOIN UNNEST(sequence(1, 1000000)) AS b(y) WHERE (x * y) % 7 = 3";

describe("a query's execution", () => {
  const dataFolder = mkdtempSync(join(tmpdir(), "doorstep-athena-"));
  let lake: TestLake;
  beforeAll(async () => {
    lake = await TestLake.start(resources, dataFolder);
    await lake.put("seen/dt=2026-11-20/hour=05/a.parquet", "SELECT 'PERSON' AS label");
    await lake.put("seen/dt=2026-11-20/hour=10/b.parquet", "SELECT 'PET' AS label");
    for (const file of ["a", "b"])
      await lake.put(`noise/${file}.parquet`, "SELECT random() AS x FROM range(900000)");
  });
  afterAll(async () => {
    await lake.stop();
    rmSync(dataFolder, { recursive: true });
  });

  const started = (id: string) =>
    lake.local.cloud.events.waitFor(
      ({ detail }) => detail["queryExecutionId"] === id && detail["state"] === "RUNNING",
    );

  test("is QUEUED, then RUNNING, then SUCCEEDED, and has its times", async () => {
    const id = await lake.begin("SELECT 1");
    expect(await lake.ended(id)).toMatchObject({
      QueryExecutionId: id,
      Query: "SELECT 1",
      StatementType: "DML",
      ResultConfiguration: { OutputLocation: `s3://results/out/${id}.csv` },
      QueryExecutionContext: { Database: "doorstep", Catalog: "awsdatacatalog" },
      Status: {
        State: "SUCCEEDED",
        SubmissionDateTime: expect.any(Date),
        CompletionDateTime: expect.any(Date),
      },
      Statistics: { DataScannedInBytes: 0, EngineExecutionTimeInMillis: expect.any(Number) },
      WorkGroup: "primary",
    });
    const states = lake.local.cloud.events.matching(({ detail }) => detail["queryExecutionId"] === id);
    expect(states.map(({ detail }) => detail["state"])).toEqual(["QUEUED", "RUNNING", "SUCCEEDED"]);
  });

  test("can be cancelled while it runs; then the next one starts", async () => {
    const ids = await Promise.all(Array.from({ length: 4 }, () => lake.begin(ENDLESS)));
    await Promise.all(ids.map(started));
    const next = await lake.begin("SELECT 'next' AS a");
    const { QueryExecution } = await lake.athena.send(
      new GetQueryExecutionCommand({ QueryExecutionId: next }),
    );
    expect(QueryExecution?.Status?.State).toBe("QUEUED");
    await expect(
      lake.athena.send(new GetQueryResultsCommand({ QueryExecutionId: next })),
    ).rejects.toMatchObject({
      name: "InvalidRequestException",
      message: "Query has not yet finished. Current state: QUEUED",
    });
    for (const QueryExecutionId of ids)
      await lake.athena.send(new StopQueryExecutionCommand({ QueryExecutionId }));
    for (const id of ids) expect((await lake.ended(id)).Status?.State).toBe("CANCELLED");
    expect((await lake.ended(next)).Status?.State).toBe("SUCCEEDED");
    await expect(
      lake.athena.send(new GetQueryResultsCommand({ QueryExecutionId: ids[0] })),
    ).rejects.toMatchObject({
      message: "Query did not finish successfully. Final query state: CANCELLED",
    });
  });

  test("fails after the timeout", async () => {
    const id = await lake.begin(ENDLESS);
    await started(id);
    lake.local.clock.turn(30 * 60_000);
    expect((await lake.ended(id)).Status).toMatchObject({
      State: "FAILED",
      StateChangeReason: "Query timeout",
    });
  });

  test("is cancelled before it scans more than its workgroup allows", async () => {
    const options = { WorkGroup: "frugal" };
    expect(await lake.run("SELECT count(*) FROM noise WHERE x < 2", options)).toMatchObject({
      Status: { State: "CANCELLED", StateChangeReason: "Bytes scanned limit was exceeded" },
      Statistics: { DataScannedInBytes: 10_000_000 },
    });
    expect((await lake.run("SELECT count(*) FROM noise", options)).Status?.State).toBe("SUCCEEDED");
    expect((await lake.run("SELECT * FROM seen", options)).Status?.State).toBe("SUCCEEDED");
    expect((await lake.run("SELECT max(x) FROM noise")).Status?.State).toBe("SUCCEEDED");
  });

  test("writes to the output location of a workgroup that enforces its settings", async () => {
    const { ResultConfiguration, QueryExecutionId } = await lake.run("SELECT 1", { WorkGroup: "frugal" });
    expect(ResultConfiguration?.OutputLocation).toBe(`s3://results/frugal/${QueryExecutionId}.csv`);
  });

  test.each([
    ["Analyst", "SELECT label FROM seen WHERE hour = '05'", "SUCCEEDED", undefined],
    [
      "Analyst",
      "SELECT label FROM seen",
      "FAILED",
      "Permission denied on S3 path: s3://lake/seen/dt=2026-11-20/hour=10/b.parquet",
    ],
    [
      "NoObjects",
      "SELECT label FROM seen WHERE hour = '05'",
      "FAILED",
      "Permission denied on S3 path: s3://lake/seen/dt=2026-11-20/hour=05/a.parquet",
    ],
    ["NoList", "SELECT label FROM seen", "FAILED", "Permission denied on S3 path: s3://lake/seen/dt="],
    [
      "NoGlue",
      "SELECT label FROM seen",
      "FAILED",
      "Insufficient permissions to execute the query. User: arn:aws:sts::000000000000:assumed-role/",
    ],
    [
      "NoResults",
      "SELECT label FROM seen",
      "FAILED",
      "Access denied when writing output to url: s3://results/out/",
    ],
  ])("runs with the permissions of the caller: %s, %s", async (role, sql, state, reason) => {
    const client = new AthenaClient(await lake.local.configOf(role));
    const { Status } = await lake.ended(await lake.begin(sql, {}, client));
    expect(Status?.State).toBe(state);
    if (reason !== undefined) expect(Status?.StateChangeReason?.slice(0, reason.length)).toBe(reason);
  });

  test("can be neither started nor read by a role that may not use the workgroup", async () => {
    const client = new AthenaClient(await lake.local.configOf("Analyst"));
    await expect(lake.begin("SELECT 1", { WorkGroup: "frugal" }, client)).rejects.toMatchObject({
      name: "AccessDeniedException",
    });
    const { QueryExecutionId } = await lake.run("SELECT 1", { WorkGroup: "frugal" });
    await expect(client.send(new GetQueryExecutionCommand({ QueryExecutionId }))).rejects.toMatchObject({
      name: "AccessDeniedException",
    });
  });

  test("is one execution for one request token", async () => {
    const ClientRequestToken = "a".repeat(32);
    const id = await lake.begin("SELECT 1", { ClientRequestToken });
    expect(await lake.begin("SELECT 1", { ClientRequestToken })).toBe(id);
    await expect(lake.begin("SELECT 2", { ClientRequestToken })).rejects.toMatchObject({
      name: "InvalidRequestException",
      message: "Idempotent parameters do not match",
    });
  });

  test("is refused without an output location, and in a workgroup that is disabled or does not exist", async () => {
    const start = (input: object) =>
      lake.athena.send(new StartQueryExecutionCommand({ QueryString: "SELECT 1", ...input }));
    await expect(start({})).rejects.toMatchObject({
      name: "InvalidRequestException",
      message: expect.stringMatching(/^No output location provided\./),
    });
    await expect(start({ WorkGroup: "closed" })).rejects.toMatchObject({
      message: "WorkGroup closed is disabled.",
    });
    await expect(start({ WorkGroup: "nope" })).rejects.toMatchObject({
      message: "WorkGroup nope is not found.",
    });
    await expect(
      start({ ResultReuseConfiguration: { ResultReuseByAgeConfiguration: { Enabled: true } } }),
    ).rejects.toMatchObject({
      message: expect.stringContaining("ResultReuseConfiguration"),
    });
  });

  test("is listed in its workgroup, the latest first, in pages", async () => {
    const first = await lake.run("SELECT 1", { WorkGroup: "frugal" });
    lake.local.clock.turn(1000);
    const second = await lake.run("SELECT 2", { WorkGroup: "frugal" });
    const request = { WorkGroup: "frugal", MaxResults: 1 };
    const page = await lake.athena.send(new ListQueryExecutionsCommand(request));
    expect(page.QueryExecutionIds).toEqual([second.QueryExecutionId]);
    const next = await lake.athena.send(
      new ListQueryExecutionsCommand({ ...request, NextToken: page.NextToken }),
    );
    expect(next.QueryExecutionIds).toEqual([first.QueryExecutionId]);
  });

  test("keeps its rows over a restart, and fails if it was running", async () => {
    const { QueryExecutionId } = await lake.run("SELECT 'kept' AS a");
    const executions = lake.local.cloud.documents.collection<{ id: string; state: string }>(
      "athena/executions",
    );
    executions.put("lost", { ...executions.get(QueryExecutionId!)!, id: "lost", state: "RUNNING" });
    await lake.stop();
    lake = await TestLake.start(resources, dataFolder);
    const { ResultSet } = await lake.athena.send(new GetQueryResultsCommand({ QueryExecutionId }));
    expect(ResultSet?.Rows).toEqual([
      { Data: [{ VarCharValue: "a" }] },
      { Data: [{ VarCharValue: "kept" }] },
    ]);
    const { QueryExecution } = await lake.athena.send(
      new GetQueryExecutionCommand({ QueryExecutionId: "lost" }),
    );
    expect(QueryExecution?.Status).toMatchObject({
      State: "FAILED",
      StateChangeReason: "the local cloud stopped while the query ran; run it again",
    });
  });

  test("can have a result that needs several requests to S3", async () => {
    const { QueryExecutionId } = await lake.run(
      "SELECT n, rpad('', 1000, 'x') AS filling FROM UNNEST(sequence(1, 10000)) AS t(n)",
    );
    const { ContentLength } = await lake.local
      .client(S3Client)
      .send(new HeadObjectCommand({ Bucket: "results", Key: `out/${QueryExecutionId}.csv` }));
    expect(ContentLength).toBe(10_098_908);
  });

  test("has workgroups that can be listed and described", async () => {
    const { WorkGroups } = await lake.athena.send(new ListWorkGroupsCommand({}));
    expect(WorkGroups?.map(({ Name, State }) => [Name, State])).toEqual([
      ["closed", "DISABLED"],
      ["frugal", "ENABLED"],
      ["primary", "ENABLED"],
    ]);
    const { WorkGroup } = await lake.athena.send(new GetWorkGroupCommand({ WorkGroup: "frugal" }));
    expect(WorkGroup).toMatchObject({
      Name: "frugal",
      State: "ENABLED",
      Description: "small queries",
      Configuration: {
        EnforceWorkGroupConfiguration: true,
        BytesScannedCutoffPerQuery: 10_000_000,
        ResultConfiguration: { OutputLocation: "s3://results/frugal" },
        EngineVersion: { SelectedEngineVersion: "AUTO", EffectiveEngineVersion: "Athena engine version 3" },
      },
    });
  });
});

describe("a workgroup of the template", () => {
  test.each([
    [
      { Name: "w", WorkGroupConfiguration: { BytesScannedCutoffPerQuery: 9_999_999 } },
      "W (AWS::Athena::WorkGroup): WorkGroupConfiguration.BytesScannedCutoffPerQuery: expected at least 10000000 bytes",
    ],
    [
      { Name: "w", WorkGroupConfiguration: { ExecutionRole: "x" } },
      "W (AWS::Athena::WorkGroup): WorkGroupConfiguration.ExecutionRole is not emulated",
    ],
    [{ Name: "a b" }, "W (AWS::Athena::WorkGroup): Name: expected 1 to 128 of a-z, A-Z, 0-9, . _ -"],
  ])("is refused by name: %j", async (Properties, message) => {
    await expect(
      TestLake.start({ Database: database, W: { Type: "AWS::Athena::WorkGroup", Properties } }),
    ).rejects.toThrow(message);
  });
});
