import { text } from "node:stream/consumers";
import { PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import * as v from "valibot";
import { systemClock } from "../../base/clock.ts";
import { pollUntil } from "../../base/poll.ts";
import { queryHandlers } from "../../console/queries.ts";
import { withExplainedErrors } from "../../operator/aws-errors.ts";
import type { StatementBody } from "../../schemas/console/queries.ts";
import { ROUTES } from "../../schemas/console/routes.ts";
import { startStack, type TestStack } from "../local/stack.ts";
import { parquetFiles } from "../queries/lake.ts";
import { smallHistory } from "../queries/small-history.ts";

let stack: TestStack;
let handlers: ReturnType<typeof queryHandlers>;
const request = { signal: new AbortController().signal };

beforeAll(async () => {
  stack = await startStack();
  const s3 = new S3Client({ ...stack.config, forcePathStyle: true });
  for (const [folder, Body] of await parquetFiles(smallHistory)) {
    const Bucket = stack.journey.outputs.LakeBucketName;
    await s3.send(new PutObjectCommand({ Bucket, Key: `${folder}/a.parquet`, Body }));
  }
  handlers = queryHandlers({
    config: withExplainedErrors(stack.config),
    stack: "doorstep-dev",
    clock: stack.clock,
  });
});
afterAll(() => stack.stop());

const get = (queryId: string, page?: string) =>
  handlers.getQuery({ parameters: { queryId }, query: page === undefined ? {} : { page } }, request);

/** Runs a query to its end. */
async function run(body: StatementBody) {
  const { queryId } = await handlers.startQuery({ body }, request);
  const ended = await pollUntil(
    async () => {
      const execution = await get(queryId);
      return ["queued", "running"].includes(execution.state) ? undefined : execution;
    },
    { clock: systemClock, everyMs: 20, withinMs: 20_000 },
  );
  return ended!;
}

/** 10^12 rows. */
const ENDLESS = `SELECT count(*) FROM ${["a", "b", "c"].map((name) => `UNNEST(sequence(1, 10000)) AS ${name}(x)`).join(", ")}`;
const DAYS = { from: "2026-03-02", to: "2026-03-03" };

describe("the screen Ask", () => {
  test("lists the saved queries with parameters, and every view and table with its columns", async () => {
    const { queries, tables } = await handlers.listQueries({}, request);
    expect(v.is(ROUTES.listQueries.answer.schema, { queries, tables })).toBe(true);
    expect(queries.find(({ name }) => name === "busiest-hours")?.parameters).toEqual(
      expect.arrayContaining([expect.objectContaining({ name: "from", type: "date" })]),
    );
    const detections = tables.find(({ name }) => name === "detections")!;
    expect(detections.kind).toBe("view");
    expect(detections.columns.find(({ name }) => name === "label")?.type).toBe("varchar");
  });

  test("runs a saved query with values, and returns its rows, bytes and price", async () => {
    const execution = await run({ name: "longest-gaps", parameters: { ...DAYS, rows: "1" } });
    expect(v.is(ROUTES.getQuery.answer.schema, execution)).toBe(true);
    expect(execution).toMatchObject({
      state: "succeeded",
      columns: [
        { name: "camera_id", type: "varchar" },
        { name: "from_at", type: "timestamp" },
        { name: "until_at", type: "timestamp" },
        { name: "seconds", type: "double" },
        { name: "outcome", type: "varchar" },
        { name: "reason", type: "varchar" },
      ],
      rows: [["front", "2026-03-03 15:00:00.000", "2026-03-03 15:01:40.000", "100.0", "gap", "throttled"]],
    });
    expect(execution.scannedBytes).toBeGreaterThan(0);
    expect(execution.costUsd).toBeCloseTo(0.00005, 6);
  });

  test("estimates files, bytes and partitions of a query before it runs", async () => {
    const body = { name: "longest-gaps", parameters: DAYS };
    const estimate = await handlers.estimateQuery({ body }, request);
    expect(v.is(ROUTES.estimateQuery.answer.schema, estimate)).toBe(true);
    expect(estimate.tables).toEqual([
      {
        table: "session_records",
        partitions: [
          { column: "dt", first: "2026-03-02", last: "2026-03-03" },
          { column: "hour", first: "00", last: "23" },
        ],
        listed: 48,
        files: expect.any(Number),
        bytes: expect.any(Number),
      },
    ]);
    expect(estimate.bytes).toBeGreaterThan(0);
    expect(await handlers.estimateQuery({ body: { sql: "SHOW TABLES" } }, request)).toMatchObject({
      bytes: 0,
    });
  });

  test("pages rows, and writes all of them as CSV", async () => {
    const sql =
      "SELECT n, CASE WHEN n = 2 THEN NULL ELSE 'a \"b\", c' END AS x FROM UNNEST(sequence(1, 1200)) AS t(n)";
    const first = await run({ sql });
    expect([first.rows!.length, first.rows![1]]).toEqual([500, ["2", null]]);
    const second = await get(first.queryId, first.next);
    const third = await get(first.queryId, second.next);
    expect([second.rows!.length, third.rows!.length, third.next]).toEqual([500, 200, undefined]);
    expect(third.rows!.at(-1)![0]).toBe("1200");
    await expect(get(first.queryId, "no page")).rejects.toMatchObject({
      status: 400,
      message: "the query has no such page",
    });
    const { stream } = await handlers.getQueryCsv({ parameters: { queryId: first.queryId } }, request);
    const lines = (await text(stream)).split("\r\n");
    expect([lines.length, ...lines.slice(0, 3), lines.at(-2)]).toEqual([
      1202,
      "n,x",
      '1,"a ""b"", c"',
      "2,",
      '1200,"a ""b"", c"',
    ]);
  });

  test("cuts a long value on the page", async () => {
    const { rows } = await run({ sql: "SELECT rpad('', 5000, 'x') AS long" });
    expect(rows![0]![0]).toBe(`${"x".repeat(2000)}…`);
  });

  test("explains a query that fails: where, why and what to do", async () => {
    const failed = await run({ sql: "SELECT\n  nothing FROM detections" });
    expect(failed).toMatchObject({
      state: "failed",
      reason: expect.stringContaining("nothing"),
      remedy: "take a column of the list beside the editor",
      position: { line: 2, column: 3 },
    });
    expect(failed.rows).toBeUndefined();
    await expect(
      handlers.getQueryCsv({ parameters: { queryId: failed.queryId } }, request),
    ).rejects.toMatchObject({ status: 409, message: "the query has no rows: it is failed" });
  });

  test("estimates no query that Athena rejects, and points at the place in its SQL", async () => {
    await expect(
      handlers.estimateQuery({ body: { sql: "SELECT nothing FROM detections" } }, request),
    ).rejects.toMatchObject({ status: 422, message: expect.stringMatching(/line 1:8\b.*nothing/) });
  });

  test("refuses SQL that changes something, an unknown query, and values of another form", async () => {
    const refusal = (body: StatementBody) =>
      handlers.startQuery({ body }, request).catch((error: unknown) => error);
    expect(await refusal({ sql: "DROP TABLE detection_records" })).toMatchObject({
      status: 422,
      remedy: "run anything else with npx doorstep query",
    });
    expect(await refusal({ name: "nothing", parameters: {} })).toMatchObject({ status: 422 });
    expect(await refusal({ name: "longest-gaps", parameters: { from: "soon" } })).toMatchObject({
      status: 422,
      message: "from is soon; expected yyyy-mm-dd, today, or days ago such as 7d",
    });
  });

  test("stops a query whose page was closed while it was started", async () => {
    const { queryId } = await handlers.startQuery(
      { body: { sql: ENDLESS } },
      { signal: AbortSignal.abort() },
    );
    expect((await get(queryId)).state).toBe("cancelled");
  });

  test("cancels a query, and knows none that Athena does not know", async () => {
    const { queryId } = await handlers.startQuery({ body: { sql: ENDLESS } }, request);
    const cancelled = await handlers.cancelQuery({ parameters: { queryId } }, request);
    expect(cancelled.state).toBe("cancelled");
    await expect(get("00000000-0000-4000-8000-000000000000")).rejects.toMatchObject({ status: 404 });
  });
});
