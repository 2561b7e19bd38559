import { GetQueryExecutionCommand, GetQueryResultsCommand } from "@aws-sdk/client-athena";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { TestLake } from "./lake.ts";

const ROWS = "(VALUES ('PERSON', 1, DATE '2026-11-20'), ('PET', 2, DATE '2026-11-21')) AS t(label, n, day)";

describe("parameters of a query", () => {
  let lake: TestLake;
  beforeAll(async () => {
    lake = await TestLake.start({});
  });
  afterAll(() => lake.stop());

  const result = async (sql: string, ...ExecutionParameters: string[]) => {
    const { QueryExecutionId, Status } = await lake.run(sql, {
      ...(ExecutionParameters.length > 0 && { ExecutionParameters }),
    });
    if (Status?.State !== "SUCCEEDED") return Status?.StateChangeReason;
    const { ResultSet } = await lake.athena.send(new GetQueryResultsCommand({ QueryExecutionId }));
    return ResultSet!.Rows!.slice(1).map(({ Data = [] }) => Data[0]?.VarCharValue);
  };

  test("replace the question marks in their order, as literals", async () => {
    const sql = `SELECT label FROM ${ROWS} WHERE n >= ? AND label <> ? AND day IN (?, ?) ORDER BY n`;
    expect(await result(sql, "1", "'PET'", "DATE '2026-11-20'", "DATE '2026-11-21'")).toEqual(["PERSON"]);
    expect(await result(sql, "0", "'it''s'", "DATE '2026-11-21'", "null")).toEqual(["PET"]);
  });

  test("are returned with the execution", async () => {
    const id = await lake.begin("SELECT ? + 1", { ExecutionParameters: ["41"] });
    await lake.ended(id);
    const { QueryExecution } = await lake.athena.send(new GetQueryExecutionCommand({ QueryExecutionId: id }));
    expect(QueryExecution?.ExecutionParameters).toEqual(["41"]);
  });

  test.each([
    [["1"], "INVALID_PARAMETER_USAGE: line 1:1: Incorrect number of parameters: expected 2 but found 1"],
    [
      ["1", "PET"],
      "INVALID_PARAMETER_USAGE: the parameter PET is not a literal; give a number, true, 'text' in quotes, or DATE '2026-11-21'",
    ],
    [
      ["1", "'x' OR '1' = '1'"],
      "INVALID_PARAMETER_USAGE: the parameter 'x' OR '1' = '1' is not a literal; give a number, true, 'text' in quotes, or DATE '2026-11-21'",
    ],
  ])("are refused when they do not fit: %j", async (parameters, reason) => {
    expect(await result(`SELECT label FROM ${ROWS} WHERE n = ? AND label = ?`, ...parameters)).toBe(reason);
  });

  test("are passed to a prepared statement of the workgroup with USING or with the call", async () => {
    expect(await result(`PREPARE by_label FROM SELECT n FROM ${ROWS} WHERE label = ? AND n < ?`)).toEqual([]);
    expect(await result("EXECUTE by_label USING 'PET', 5")).toEqual(["2"]);
    expect(await result("EXECUTE by_label", "'PERSON'", "5")).toEqual(["1"]);
    expect(await result("EXECUTE by_label USING 'PET'")).toBe(
      "INVALID_PARAMETER_USAGE: line 1:1: Incorrect number of parameters: expected 2 but found 1",
    );
    expect(await result("DEALLOCATE PREPARE by_label")).toEqual([]);
    expect(await result("EXECUTE by_label USING 'PET', 5")).toBe(
      "PreparedStatement by_label was not found in workGroup primary",
    );
    expect(await result("PREPARE x SELECT 1")).toBe(
      "SYNTAX_ERROR: line 1:11: mismatched input 'SELECT'. Expecting: FROM <query>",
    );
  });
});
