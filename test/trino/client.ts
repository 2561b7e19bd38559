import { javaNumber } from "../../local/athena/results/format.ts";
import type { Outcome, Refusal } from "./outcome.ts";

export const CATALOG = "awsdatacatalog";

/** A type as Trino's protocol describes it. */
interface TypeSignature {
  readonly rawType: string;
  readonly arguments: readonly { readonly kind: string; readonly value: unknown }[];
}

interface Column {
  readonly name: string;
  readonly typeSignature: TypeSignature;
}

interface Page {
  readonly nextUri?: string;
  readonly columns?: readonly Column[];
  readonly data?: readonly (readonly unknown[])[];
  readonly error?: {
    readonly message: string;
    readonly errorName: string;
  };
}

/** A fault of the engine or its Java machine, not its judgement of the statement. */
const INTERNAL_ERROR = "GENERIC_INTERNAL_ERROR";
const MAX_ATTEMPTS = 3;

/**
 * Runs a statement in Trino (documented: Trino, "Client REST API"). An internal error is returned only if it repeats, since
 * one of the Java machine may pass.
 */
export async function queryTrino(address: string, database: string, sql: string): Promise<Outcome> {
  for (let attempt = 1; ; attempt++) {
    const outcome = await runOnce(address, database, sql);
    if (!("error" in outcome) || outcome.error !== INTERNAL_ERROR || attempt === MAX_ATTEMPTS) return outcome;
  }
}

async function runOnce(address: string, database: string, sql: string): Promise<Outcome> {
  let page = await request(`${address}/v1/statement`, {
    method: "POST",
    body: sql,
    headers: {
      "X-Trino-User": "doorstep",
      "X-Trino-Catalog": CATALOG,
      "X-Trino-Schema": database,
      "X-Trino-Client-Capabilities": "PARAMETRIC_DATETIME",
      "X-Trino-Time-Zone": "UTC",
    },
  });
  let columns: readonly Column[] = [];
  const rows: (string | null)[][] = [];
  for (;;) {
    if (page.error) return refusal(page.error);
    columns = page.columns ?? columns;
    for (const row of page.data ?? [])
      rows.push(row.map((value, index) => print(value, columns[index]!.typeSignature)));
    if (page.nextUri === undefined) break;
    page = await request(page.nextUri);
  }
  return {
    columns: columns.map(({ name }) => name),
    types: columns.map(({ typeSignature }) => athenaType(typeSignature)),
    rows,
  };
}

const refusal = ({ message, errorName }: { message: string; errorName: string }): Refusal => ({
  error: errorName,
  message: message.startsWith(errorName) ? message : `${errorName}: ${message}`,
});

async function request(url: string, init?: RequestInit): Promise<Page> {
  const response = await fetch(url, init);
  const text = await response.text();
  if (!response.ok) throw new Error(`Trino responds ${response.status}: ${text.slice(0, 500)}`);
  // Whole numbers stay as they are written: a bigint has more digits than a number holds.
  const reviver = (_: string, value: unknown, { source = "" }: { source?: string }): unknown =>
    typeof value === "number" && /^-?\d+$/.test(source) ? BigInt(source) : value;
  return JSON.parse(text, reviver as (key: string, value: unknown) => unknown) as Page;
}

/** Athena's names of types that Trino calls otherwise (documented: Athena API, ColumnInfo.Type). */
const ATHENA_TYPES: Readonly<Record<string, string>> = { real: "float" };

/** Without lengths and precisions, but for a decimal's. */
function athenaType({ rawType, arguments: args }: TypeSignature): string {
  if (rawType === "decimal") return `decimal(${args.map(({ value }) => String(value)).join()})`;
  return ATHENA_TYPES[rawType] ?? rawType;
}

/** A value as Athena prints it; null for NULL. */
function print(value: unknown, type: TypeSignature): string | null {
  if (value === null || value === undefined) return null;
  const text = String(value as string | number | bigint | boolean);
  const inner = (index: number) => type.arguments[index]!.value as TypeSignature;
  const nested = (one: unknown, of: TypeSignature) => print(one, of) ?? "null";
  switch (type.rawType) {
    case "array":
      return `[${(value as unknown[]).map((item) => nested(item, inner(0))).join(", ")}]`;
    case "map":
      return `{${Object.entries(value)
        .map(([key, item]) => `${key}=${nested(item, inner(1))}`)
        .join(", ")}}`;
    case "row": {
      const fields = type.arguments.map(
        (argument) => argument.value as { fieldName?: { name: string }; typeSignature: TypeSignature },
      );
      const items = fields.map(
        ({ fieldName, typeSignature }, index) =>
          `${fieldName?.name ?? `field${index}`}=${nested((value as unknown[])[index], typeSignature)}`,
      );
      return `{${items.join(", ")}}`;
    }
    case "double":
    case "real":
      return javaNumber(Number(value), type.rawType === "real");
    case "timestamp":
    case "timestamp with time zone":
      return text.replace(
        /^(\S+ \d\d:\d\d:\d\d)(?:\.(\d+))?/,
        (_, seconds: string, fraction = "") => `${seconds}.${String(fraction).slice(0, 3).padEnd(3, "0")}`,
      );
    case "varbinary":
      return Array.from(Buffer.from(text, "base64"), (byte) => byte.toString(16).padStart(2, "0")).join(" ");
    default:
      return text;
  }
}
