import {
  DuckDBArrayValue,
  DuckDBBlobValue,
  DuckDBDateValue,
  DuckDBDecimalValue,
  DuckDBIntervalValue,
  DuckDBListValue,
  DuckDBMapValue,
  DuckDBStructValue,
  DuckDBTimestampMillisecondsValue,
  DuckDBTimestampNanosecondsValue,
  DuckDBTimestampSecondsValue,
  DuckDBTimestampTZValue,
  DuckDBTimestampValue,
  type DuckDBType,
  DuckDBTypeId,
  type DuckDBValue,
} from "@duckdb/node-api";
import { DAY_MS } from "../../../base/durations.ts";
import { queryError } from "../errors.ts";

const MICROS_PER_MILLI = 1000n;
const MILLIS_PER_SECOND = 1000n;
const NANOS_PER_MILLI = 1_000_000n;

/**
 * The text of a value in results and CSV files; null for NULL (observed: Athena engine v3). Timestamps have
 * milliseconds, doubles have the form of Java, and others are written as `[a, b]`, `{key=value}`, and `68 69` for bytes.
 */
export function formatValue(value: DuckDBValue, type: DuckDBType): string | null {
  if (value === null) return null;
  // DuckDB's sums of bigints are wider than Trino's.
  if (typeof value === "bigint" && type.typeId === DuckDBTypeId.HUGEINT && BigInt.asIntN(64, value) !== value)
    throw queryError("NUMERIC_VALUE_OUT_OF_RANGE", undefined, `bigint addition overflow: ${value}`);
  if (typeof value === "number")
    return isFloating(type) ? javaNumber(value, type.typeId === DuckDBTypeId.FLOAT) : String(value);
  if (typeof value !== "object") return String(value);
  if (value instanceof DuckDBTimestampValue) return timestamp(floorDivide(value.micros, MICROS_PER_MILLI));
  if (value instanceof DuckDBTimestampTZValue)
    return `${timestamp(floorDivide(value.micros, MICROS_PER_MILLI))} UTC`;
  if (value instanceof DuckDBTimestampMillisecondsValue) return timestamp(value.millis);
  if (value instanceof DuckDBTimestampNanosecondsValue)
    return timestamp(floorDivide(value.nanos, NANOS_PER_MILLI));
  if (value instanceof DuckDBTimestampSecondsValue) return timestamp(value.seconds * MILLIS_PER_SECOND);
  if (value instanceof DuckDBDateValue) return new Date(value.days * DAY_MS).toISOString().split("T")[0]!;
  if (value instanceof DuckDBDecimalValue) return value.toString();
  if (value instanceof DuckDBBlobValue)
    return Array.from(value.bytes, (byte) => byte.toString(16).padStart(2, "0")).join(" ");
  if (value instanceof DuckDBListValue || value instanceof DuckDBArrayValue) {
    const element = (type as { valueType: DuckDBType }).valueType;
    return `[${value.items.map((item) => nested(item, element)).join(", ")}]`;
  }
  if (value instanceof DuckDBMapValue) {
    const { keyType, valueType } = type as unknown as { keyType: DuckDBType; valueType: DuckDBType };
    return `{${value.entries.map((entry) => `${nested(entry.key, keyType)}=${nested(entry.value, valueType)}`).join(", ")}}`;
  }
  if (value instanceof DuckDBStructValue) {
    const { entryTypes } = type as unknown as { entryTypes: readonly DuckDBType[] };
    const fields = Object.entries(value.entries).map(
      ([name, field], index) => `${name || `field${index}`}=${nested(field, entryTypes[index]!)}`,
    );
    return `{${fields.join(", ")}}`;
  }
  if (value instanceof DuckDBIntervalValue) return interval(value);
  return String(value);
}

const nested = (value: DuckDBValue, type: DuckDBType): string => formatValue(value, type) ?? "null";

const isFloating = ({ typeId }: DuckDBType): boolean =>
  typeId === DuckDBTypeId.DOUBLE || typeId === DuckDBTypeId.FLOAT;

const timestamp = (millis: bigint): string =>
  new Date(Number(millis)).toISOString().replace("T", " ").replace("Z", "");

const floorDivide = (dividend: bigint, divisor: bigint): bigint =>
  dividend / divisor - (dividend % divisor < 0n ? 1n : 0n);

/** A double or float in the form of Java's `toString`: `5.0`, `0.25`, `1.0E7`, `1.5E-4`. */
export function javaNumber(value: number, isSingle = false): string {
  if (Number.isNaN(value)) return "NaN";
  if (!Number.isFinite(value)) return value > 0 ? "Infinity" : "-Infinity";
  if (value === 0) return Object.is(value, -0) ? "-0.0" : "0.0";
  const [mantissa = "", exponentText = ""] = shortest(Math.abs(value), isSingle).split("e");
  const sign = value < 0 ? "-" : "";
  const exponent = Number(exponentText);
  const digits = mantissa.replace(".", "");
  if (exponent < -3 || exponent >= 7) return `${sign}${digits[0]}.${digits.slice(1) || "0"}E${exponent}`;
  if (exponent < 0) return `${sign}0.${"0".repeat(-exponent - 1)}${digits}`;
  const whole = digits.slice(0, exponent + 1).padEnd(exponent + 1, "0");
  return `${sign}${whole}.${digits.slice(exponent + 1) || "0"}`;
}

/** The shortest decimal that parses to the same number, in scientific notation. */
function shortest(value: number, isSingle: boolean): string {
  if (!isSingle) return value.toExponential();
  for (let digits = 0; digits < 9; digits++) {
    const text = value.toExponential(digits);
    if (Math.fround(Number(text)) === value) return text;
  }
  return value.toExponential();
}

/** `d hh:mm:ss.SSS`, or `y-m` for an interval of months alone. */
function interval({ months, days, micros }: DuckDBIntervalValue): string {
  if (months !== 0 && days === 0 && micros === 0n)
    return `${months < 0 ? "-" : ""}${Math.trunc(Math.abs(months) / 12)}-${Math.abs(months) % 12}`;
  const totalMs = days * DAY_MS + Number(micros / MICROS_PER_MILLI);
  const rest = Math.abs(totalMs) % DAY_MS;
  const time = new Date(rest).toISOString().slice(11, 23);
  return `${totalMs < 0 ? "-" : ""}${Math.trunc(Math.abs(totalMs) / DAY_MS)} ${time}`;
}
