import { DateFormat, parseBound, STEP_UNITS, type Bound, type StepUnit } from "./date-format.ts";

/** A table parameter that Athena's partition projection refuses. */
export class ProjectionError extends Error {
  constructor(parameter: string, problem: string) {
    super(`${parameter} ${problem}`);
  }
}

/** The values that one partition column takes. */
type ColumnProjection =
  | { readonly type: "enum"; readonly values: ReadonlySet<string> }
  | {
      readonly type: "integer";
      readonly min: bigint;
      readonly max: bigint;
      readonly interval: bigint;
      readonly digits?: number;
    }
  | {
      readonly type: "date";
      readonly format: DateFormat;
      readonly from: Bound;
      readonly until: Bound;
      readonly interval: number;
      readonly unit: StepUnit;
    }
  | { readonly type: "injected" };

/** Athena's partition projection of a table. */
export interface Projection {
  readonly columns: ReadonlyMap<string, ColumnProjection>;
  /** `storage.location.template`, e.g. `s3://lake/t/dt=${dt}/`; undefined for Hive's folders under the location. */
  readonly template: string | undefined;
}

type Parameters = Readonly<Record<string, string>>;

const MAX_DIGITS = 64;

/**
 * Reads the `projection.*` parameters of a table (documented: Athena guide, "Set up partition projection" and
 * "Supported types for partition projection").
 * @param partitionKeys names of all partition columns, lower case
 * @returns undefined when projection is not enabled
 * @throws ProjectionError that names the parameter
 */
export function parseProjection(
  partitionKeys: readonly string[],
  parameters: Parameters,
): Projection | undefined {
  const enabled = parameters["projection.enabled"];
  if (enabled === undefined || enabled.toLowerCase() === "false") return undefined;
  if (enabled.toLowerCase() !== "true")
    throw new ProjectionError("projection.enabled", `is ${enabled}; expected true or false`);
  for (const parameter of Object.keys(parameters)) {
    const [, column] = /^projection\.(.+?)\.[a-z.]+$/.exec(parameter) ?? [];
    if (column !== undefined && !partitionKeys.includes(column))
      throw new ProjectionError(parameter, `is about ${column}, which is not a partition column`);
  }
  const template = parameters["storage.location.template"];
  if (template !== undefined) checkTemplate(template, partitionKeys);
  return { columns: new Map(partitionKeys.map((name) => [name, columnOf(name, parameters)])), template };
}

/** The parameters of a column of each type (documented: Athena guide, "Supported types for partition projection"). */
const PARTS: Readonly<Record<ColumnProjection["type"], readonly string[]>> = {
  enum: ["values"],
  integer: ["range", "interval", "digits"],
  date: ["range", "format", "interval", "interval.unit"],
  injected: [],
};

/**
 * Finds what would fail or surprise at query time: what `parseProjection` refuses, parameters that Athena ignores,
 * empty ranges, and values that do not fit the column's type.
 * @returns one text for each problem, which begins with its parameter; none for a table without projection
 */
export function lintProjection(
  partitionKeys: readonly { readonly name: string; readonly type: string }[],
  parameters: Parameters,
  nowMs: number,
): string[] {
  let projection: Projection | undefined;
  try {
    projection = parseProjection(
      partitionKeys.map(({ name }) => name),
      parameters,
    );
  } catch (error) {
    if (!(error instanceof ProjectionError)) throw error;
    return [error.message];
  }
  return partitionKeys.flatMap(({ name, type: columnType }) => {
    const column = projection?.columns.get(name);
    if (!column) return [];
    const key = `projection.${name}`;
    const known = ["type", ...PARTS[column.type]].map((part) => `${key}.${part}`);
    const problems = Object.keys(parameters)
      .filter((parameter) => parameter.startsWith(`${key}.`) && !known.includes(parameter))
      .map((parameter) => `${parameter} is ignored; a column of type ${column.type} has ${known.join(", ")}`);
    if (column.type === "injected" && columnType !== "string")
      problems.push(`${key}.type is injected; the column must be a string, and is ${columnType}`);
    if (column.type === "integer" && !/^(string|tinyint|smallint|int|integer|bigint)$/.test(columnType))
      problems.push(`${key}.type is integer; the column is ${columnType}`);
    if (column.type === "integer" && column.digits !== undefined && columnType !== "string")
      problems.push(
        `${key}.digits pads with zeros, which a column of type ${columnType} loses; declare it as string`,
      );
    if (column.type === "date" && column.from(nowMs) > column.until(nowMs))
      problems.push(`${key}.range is ${parameters[`${key}.range`]}, which contains no date`);
    if (column.type === "enum" && [...column.values].some((value) => value !== value.trim()))
      problems.push(`${key}.values has spaces, which are part of the values; remove them`);
    return problems;
  });
}

/** Whether the projection contains exactly this value of the column. */
export function projects(column: ColumnProjection, value: string, nowMs: number): boolean {
  switch (column.type) {
    case "injected":
      return true;
    case "enum":
      return column.values.has(value);
    case "integer": {
      if (!/^-?\d{1,64}$/.test(value)) return false;
      const number = BigInt(value);
      const canonical = column.digits ? String(number).padStart(column.digits, "0") : String(number);
      const { min, max, interval } = column;
      return canonical === value && number >= min && number <= max && (number - min) % interval === 0n;
    }
    case "date": {
      const { format, from, until, interval, unit } = column;
      const atMs = format.parse(value);
      if (atMs === undefined) return false;
      const fromMs = format.truncate(from(nowMs));
      return atMs >= fromMs && atMs <= until(nowMs) && STEP_UNITS[unit].reaches(fromMs, atMs, interval);
    }
  }
}

/** How many values a projection may have here; no table of this size is meant. */
const MAX_VALUES = 100_000;

/** Every value that the projection contains; undefined for a column whose values only a query names. */
export function projectedValues(column: ColumnProjection, nowMs: number): string[] | undefined {
  const values: string[] = [];
  switch (column.type) {
    case "injected":
      return undefined;
    case "enum":
      return [...column.values];
    case "integer":
      for (let at = column.min; at <= column.max && values.length < MAX_VALUES; at += column.interval)
        values.push(column.digits ? String(at).padStart(column.digits, "0") : String(at));
      return values;
    case "date": {
      const { format, interval, unit } = column;
      const untilMs = column.until(nowMs);
      let atMs = format.truncate(column.from(nowMs));
      for (; atMs <= untilMs && values.length < MAX_VALUES; atMs = STEP_UNITS[unit].add(atMs, interval))
        values.push(format.print(atMs));
      return values;
    }
  }
}

function columnOf(name: string, parameters: Parameters): ColumnProjection {
  const key = (part: string) => `projection.${name}.${part}`;
  const required = (part: string): string => {
    const value = parameters[key(part)];
    if (value === undefined || value === "") throw new ProjectionError(key(part), "is missing");
    return value;
  };
  const positive = (part: string, max: number): number | undefined => {
    const value = parameters[key(part)];
    if (value === undefined) return undefined;
    if (!/^[1-9]\d*$/.test(value) || Number(value) > max)
      throw new ProjectionError(key(part), `is ${value}; expected a whole number from 1 to ${max}`);
    return Number(value);
  };

  const type = required("type").toLowerCase();
  switch (type) {
    case "injected":
      return { type };
    case "enum":
      return { type, values: new Set(required("values").split(",")) };
    case "integer": {
      const range = required("range");
      const [, min, max] = /^\s*(-?\d+)\s*,\s*(-?\d+)\s*$/.exec(range) ?? [];
      if (min === undefined || max === undefined || BigInt(min) > BigInt(max))
        throw new ProjectionError(
          key("range"),
          `is ${range}; expected two whole numbers, the smaller one first`,
        );
      const digits = positive("digits", MAX_DIGITS);
      return {
        type,
        min: BigInt(min),
        max: BigInt(max),
        interval: BigInt(positive("interval", Number.MAX_SAFE_INTEGER) ?? 1),
        ...(digits !== undefined && { digits }),
      };
    }
    case "date": {
      const format = attempt(key("format"), () => new DateFormat(required("format")));
      const range = required("range");
      const bounds = range.split(",");
      if (bounds.length !== 2)
        throw new ProjectionError(key("range"), `is ${range}; expected two dates, e.g. 2026-01-01,NOW+1DAY`);
      const [from, until] = bounds.map((bound) => attempt(key("range"), () => parseBound(bound, format))) as [
        Bound,
        Bound,
      ];
      const given = parameters[key("interval.unit")];
      const unit = given?.toUpperCase().replace(/S?$/, "S") ?? format.defaultStepUnit;
      if (unit === undefined)
        throw new ProjectionError(
          key("interval.unit"),
          "is missing; only day and month formats have a default",
        );
      if (!Object.hasOwn(STEP_UNITS, unit))
        throw new ProjectionError(
          key("interval.unit"),
          `is ${given}; expected one of ${Object.keys(STEP_UNITS).join(", ")}`,
        );
      const interval = positive("interval", Number.MAX_SAFE_INTEGER) ?? 1;
      return { type, format, from, until, interval, unit: unit as StepUnit };
    }
    default:
      throw new ProjectionError(key("type"), `is ${type}; expected enum, integer, date or injected`);
  }
}

function checkTemplate(template: string, partitionKeys: readonly string[]): void {
  const parameter = "storage.location.template";
  if (!/^s3:\/\/[^/]+\//.test(template))
    throw new ProjectionError(parameter, `is ${template}; expected s3://<bucket>/…`);
  if (!template.endsWith("/")) throw new ProjectionError(parameter, `is ${template}; it must end in /`);
  for (const name of partitionKeys)
    if (!template.includes(`\${${name}}`))
      throw new ProjectionError(parameter, `is ${template}; it lacks the partition column \${${name}}`);
  for (const [placeholder, name = ""] of template.matchAll(/\$\{([^}]*)\}/g))
    if (!partitionKeys.includes(name))
      throw new ProjectionError(parameter, `has ${placeholder}, which is not a partition column`);
}

function attempt<T>(parameter: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof RangeError) throw new ProjectionError(parameter, error.message);
    throw error;
  }
}
