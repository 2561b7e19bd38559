import { sqlText } from "./sql-text.ts";

/**
 * The form of the files in resources/queries: plain Athena SQL under a header of comments.
 *
 *     -- What it returns, in one line.
 *     -- @param from date default current_date - INTERVAL '7' DAY: first day, UTC
 *     SELECT … WHERE dt >= CAST(/*from:*\/ current_date - INTERVAL '7' DAY /*:from*\/ AS varchar)
 *
 * A parameter's value is in the SQL itself, between two comments that name it, at first with its default. So a file runs
 * as it is, pasted into Athena's console or saved there as a named query, and another value replaces the default.
 * Athena's own `?` has no defaults, and every run needs all values in order.
 */

export const PARAMETER_TYPES = ["date", "integer", "number", "text"] as const;
type ParameterType = (typeof PARAMETER_TYPES)[number];

interface Parameter {
  readonly name: string;
  readonly type: ParameterType;
  /** SQL; undefined if the query requires a value. */
  readonly default: string | undefined;
  readonly meaning: string;
}

export interface SavedQuery {
  /** Lower kebab-case: the file's name. */
  readonly name: string;
  readonly purpose: string;
  readonly parameters: readonly Parameter[];
  /** The file as it is. */
  readonly sql: string;
}

/** An invalid value of a parameter, or a parameter that a query does not have. */
export class ParameterError extends Error {
  override readonly name = "ParameterError";
}

const PARAMETER = /^-- @param ([a-z][a-z_]*) (\w+) (?:required|default (.+?)): (.+)$/;
/** The placeholder for a required parameter's value. */
const NO_VALUE = "''";

/** A value between the two comments that name its parameter. */
const MARKED = /\/\*(\w+):\*\/ (.*?) \/\*:\1\*\//g;

/**
 * Reads a file of the pack.
 * @throws Error that names the file and what is wrong with its header or its markers
 */
export function readSavedQuery(name: string, sql: string): SavedQuery {
  const refuse = (problem: string): never => {
    throw new Error(`the query ${name}: ${problem}`);
  };
  if (!/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(name)) refuse("its name is not lower kebab-case");
  const lines = sql.split("\n");
  const header = lines.slice(
    0,
    lines.findIndex((line) => !line.startsWith("--")),
  );
  const [purpose = "", ...rest] = header;
  if (!/^-- \S.*\.$/.test(purpose) || purpose.includes("@param"))
    refuse("its first line is not a comment that states its purpose in a sentence");
  const parameters = rest.map((line) => {
    const [, parameter, type, standard, meaning] = PARAMETER.exec(line) ?? [];
    const known = PARAMETER_TYPES.find((one) => one === type);
    if (parameter === undefined || meaning === undefined || !known)
      return refuse(`"${line}" is not -- @param <name> <type> default <SQL>: <meaning>`);
    return { name: parameter, type: known, default: standard, meaning };
  });
  const marked = [...sql.matchAll(MARKED)].map(([, parameter, value]) => ({ parameter, value }));
  if (marked.length * 2 !== [...sql.matchAll(/\/\*:?\w+:?\*\//g)].length)
    refuse("a value does not stand between /*<name>:*/ and /*:<name>*/");
  for (const { name: parameter, default: standard = NO_VALUE } of parameters) {
    const values = marked.filter((one) => one.parameter === parameter).map(({ value }) => value);
    if (values.length === 0) refuse(`nothing is marked as /*${parameter}:*/ … /*:${parameter}*/`);
    for (const value of values)
      if (value !== standard) refuse(`${parameter} is ${value} in the SQL, but by its header ${standard}`);
  }
  for (const { parameter } of marked)
    if (!parameters.some(({ name: known }) => known === parameter))
      refuse(`${parameter} is marked in the SQL, but missing in its header`);
  return { name, purpose: purpose.slice(3), parameters, sql };
}

/**
 * The query's SQL with values instead of its defaults; line numbers do not change.
 * @param values as entered, by parameter
 * @throws ParameterError naming the parameter and what it expects
 */
export function withParameters(query: SavedQuery, values: Readonly<Record<string, string>>): string {
  for (const name of Object.keys(values))
    if (!query.parameters.some((parameter) => parameter.name === name))
      throw new ParameterError(
        `${query.name} has no parameter ${name}; it has ${query.parameters.map((one) => one.name).join(", ")}`,
      );
  const literals = new Map<string, string>();
  for (const parameter of query.parameters) {
    const value = values[parameter.name];
    if (value !== undefined) literals.set(parameter.name, sqlLiteral(parameter, value));
    else if (parameter.default === undefined)
      throw new ParameterError(`${query.name} needs --param ${parameter.name}=…: ${parameter.meaning}`);
  }
  return query.sql.replace(MARKED, (marked, name: string) => {
    const literal = literals.get(name);
    return literal === undefined ? marked : `/*${name}:*/ ${literal} /*:${name}*/`;
  });
}

/** A value as entered, as SQL of the parameter's type. */
function sqlLiteral({ name, type }: Parameter, value: string): string {
  const refuse = (expected: string): never => {
    throw new ParameterError(`${name} is ${value}; expected ${expected}`);
  };
  switch (type) {
    case "date": {
      const [, days] = /^(\d{1,4})d$/.exec(value) ?? [];
      if (days !== undefined) return `current_date - INTERVAL '${days}' DAY`;
      if (value === "today") return "current_date";
      return isDate(value) ? `DATE '${value}'` : refuse("yyyy-mm-dd, today, or days ago such as 7d");
    }
    case "integer":
      return /^-?\d{1,15}$/.test(value) ? value : refuse("a whole number");
    case "number":
      return /^-?\d{1,15}(\.\d{1,15})?$/.test(value) ? value : refuse("a number such as 0.5");
    case "text":
      return sqlText(value);
  }
}

const isDate = (text: string): boolean =>
  /^\d{4}-\d\d-\d\d$/.test(text) &&
  new Date(`${text}T00:00:00Z`).getTime() > 0 &&
  new Date(`${text}T00:00:00Z`).toISOString().startsWith(text);
