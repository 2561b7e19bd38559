import type { DuckDBConnection, DuckDBType, DuckDBValue } from "@duckdb/node-api";
import { javaNumber } from "../results/format.ts";
import { PROBE, type OperandTypes } from "../sql/operand-types.ts";

/** What probing queries have reported, by their id. */
const reports = new Map<string, Map<string, readonly string[] | undefined>>();

/** Begins to collect a query's reports; the function returned ends it. */
export function startReports(id: string): () => OperandTypes {
  const found = new Map<string, readonly string[] | undefined>();
  reports.set(id, found);
  return () => {
    reports.delete(id);
    return new Map([...found].flatMap(([key, types]) => (types ? [[key, types] as const] : [])));
  };
}

/** DuckDB plans a call whose arguments are constants, such as the types of expressions, by calling it. */
function report([id, key, ...types]: readonly string[]): void {
  const found = reports.get(id!);
  const before = found?.get(key!);
  const isSame = before === undefined || before.join() === types.join();
  found?.set(key!, found.has(key!) && !isSame ? undefined : types);
}

/** Functions of macros that are simpler in JavaScript than in SQL; NULL is NULL. */
export async function registerFunctions(connection: DuckDBConnection): Promise<void> {
  const { BOOLEAN, DOUBLE, DuckDBScalarFunction, VARCHAR } = await import("@duckdb/node-api");
  const register = (
    name: string,
    parameter: DuckDBType,
    returnType: DuckDBType,
    run: (values: readonly DuckDBValue[]) => DuckDBValue,
  ): void =>
    connection.registerScalarFunction(
      DuckDBScalarFunction.create({
        name,
        returnType,
        ...(name === PROBE ? { varArgsType: parameter } : { parameterTypes: [parameter] }),
        mainFunction: (_, input, output) => {
          input.getRows().forEach((row, index) => {
            output.setItem(index, row.includes(null) ? null : run(row));
          });
          output.flush();
        },
      }),
    );
  register(PROBE, VARCHAR, BOOLEAN, (values) => {
    report(values as readonly string[]);
    return true;
  });
  register("athena_java_double", DOUBLE, VARCHAR, ([value]) => scientific(value as number, false));
  register("athena_java_real", DOUBLE, VARCHAR, ([value]) => scientific(value as number, true));
}

/** A number as Trino's CAST to varchar writes it: `1.0E2`. */
function scientific(value: number, isSingle: boolean): string {
  if (!Number.isFinite(value)) return javaNumber(value, isSingle);
  if (value === 0) return Object.is(value, -0) ? "-0.0E0" : "0.0E0";
  const digits = isSingle ? shortestSingle(value) : value.toExponential();
  const [mantissa = "", exponent] = digits.split("e");
  return `${mantissa.includes(".") ? mantissa : `${mantissa}.0`}E${Number(exponent)}`;
}

function shortestSingle(value: number): string {
  for (let digits = 0; digits < 9; digits++) {
    const text = value.toExponential(digits);
    if (Math.fround(Number(text)) === Math.fround(value)) return text;
  }
  return value.toExponential();
}
