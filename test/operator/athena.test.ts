import {
  GetQueryExecutionCommand,
  GetQueryResultsCommand,
  StartQueryExecutionCommand,
  StopQueryExecutionCommand,
  type AthenaClient,
} from "@aws-sdk/client-athena";
import { describe, expect, test } from "@jest/globals";
import { QueryFailed, runQuery } from "../../operator/athena.ts";
import { hastyClock } from "../support/hasty-clock.ts";

type Status = { State: string; StateChangeReason?: string };

/** A substitute for Athena that returns these states one after another; the last one stays. */
function athena(
  states: readonly Status[],
  pages: readonly { rows: (string | null)[][]; next?: string }[] = [],
) {
  const calls: string[] = [];
  let [polls, page] = [0, 0];
  const send = async (command: unknown): Promise<unknown> => {
    if (command instanceof StartQueryExecutionCommand) {
      calls.push(`start ${command.input.QueryString}`);
      return { QueryExecutionId: "q1" };
    }
    if (command instanceof GetQueryExecutionCommand) {
      const Status = states[Math.min(polls++, states.length - 1)];
      return { QueryExecution: { Status, Statistics: { DataScannedInBytes: 42 } } };
    }
    if (command instanceof StopQueryExecutionCommand) {
      calls.push(`stop ${command.input.QueryExecutionId}`);
      return {};
    }
    expect(command).toBeInstanceOf(GetQueryResultsCommand);
    const { rows, next } = pages[page++]!;
    return {
      NextToken: next,
      ResultSet: {
        Rows: rows.map((row) => ({
          Data: row.map((value) => (value === null ? {} : { VarCharValue: value })),
        })),
        ResultSetMetadata: { ColumnInfo: [{ Name: "name", Type: "varchar" }] },
      },
    };
  };
  const context = { client: { send } as unknown as AthenaClient, workGroup: "w", database: "d" };
  return { calls, context };
}

const SUCCEEDED = { State: "SUCCEEDED" };

describe("runQuery", () => {
  test("waits for the end, then reads every page without the row of column names", async () => {
    const { calls, context } = athena(
      [{ State: "QUEUED" }, { State: "RUNNING" }, SUCCEEDED],
      [{ rows: [["name"], ["a"]], next: "2" }, { rows: [["name"], [null]] }],
    );
    const waits: number[] = [];
    const options = { onWait: (ms: number) => waits.push(ms), clock: hastyClock() };
    expect(await runQuery("SELECT 1", context, options)).toEqual({
      columns: ["name"],
      columnTypes: ["varchar"],
      rows: [["a"], ["name"], [null]],
      scannedBytes: 42,
    });
    expect(calls).toEqual(["start SELECT 1"]);
    expect(waits).toEqual([0, 50]);
  });

  test("keeps the first line of a SHOW, whose result has no column names", async () => {
    const { context } = athena([SUCCEEDED], [{ rows: [["detections"], ["sessions"]] }]);
    expect((await runQuery("SHOW TABLES", context)).rows).toEqual([["detections"], ["sessions"]]);
  });

  test("fails with Athena's message and its position in the SQL", async () => {
    const { calls, context } = athena([
      { State: "FAILED", StateChangeReason: "COLUMN_NOT_FOUND: line 3:14: Column 'x' cannot be resolved" },
    ]);
    const failure = await runQuery("SELECT x", context).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(QueryFailed);
    expect(failure).toMatchObject({
      message: "COLUMN_NOT_FOUND: line 3:14: Column 'x' cannot be resolved",
      position: { line: 3, column: 14 },
    });
    expect(calls).toEqual(["start SELECT x"]);
  });

  test("names the state when Athena cancels a query without a reason", async () => {
    const { context } = athena([{ State: "CANCELLED" }]);
    await expect(runQuery("SELECT 1", context)).rejects.toMatchObject({
      message: "the query is CANCELLED",
      position: undefined,
    });
  });

  test("stops the execution when its signal aborts while it waits", async () => {
    const { calls, context } = athena([{ State: "RUNNING" }]);
    const abort = new AbortController();
    const result = runQuery("SELECT 1", context, {
      signal: abort.signal,
      onWait: () => abort.abort(new Error("interrupted by SIGINT")),
    });
    await expect(result).rejects.toThrow("interrupted by SIGINT");
    expect(calls).toEqual(["start SELECT 1", "stop q1"]);
  });

  test("starts nothing when its signal has aborted already", async () => {
    const { calls, context } = athena([SUCCEEDED]);
    await expect(
      runQuery("SELECT 1", context, { signal: AbortSignal.abort(new Error("gone")) }),
    ).rejects.toThrow("gone");
    expect(calls).toEqual([]);
  });
});
