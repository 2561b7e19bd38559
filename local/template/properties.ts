import * as v from "valibot";
import { explain, pathOf } from "../api/action.ts";
import { OperatorError } from "../errors.ts";

type Properties = Readonly<Record<string, unknown>>;

/**
 * A property that is text; numbers and booleans are written out, as CloudFormation does.
 * @throws OperatorError naming a property that is missing or something else
 */
export function text(properties: Properties, name: string): string {
  const value = optionalText(properties, name);
  if (value === undefined) throw new OperatorError(`${name} is missing`);
  return value;
}

/** The same for an optional property. */
export function optionalText(properties: Properties, name: string): string | undefined {
  const value = properties[name];
  if (value === undefined || typeof value === "string") return value;
  if (typeof value === "number" || typeof value === "boolean") return String(value);
  throw new OperatorError(`${name} is ${Array.isArray(value) ? "a list" : "an object"}; expected text`);
}

/** A boolean, which a template may write as text. */
export const flag = v.pipe(
  v.union([v.boolean(), v.picklist(["true", "false"])]),
  v.transform((value) => value === true || value === "true"),
);

/** A number, which a template may write as text. */
export const number = v.union([
  v.number(),
  v.pipe(v.string(), v.regex(/^-?\d+(\.\d+)?$/), v.transform(Number)),
]);

/** @param min inclusive @param max inclusive */
export const wholeNumber = (min: number, max: number) =>
  v.pipe(number, v.integer(), v.minValue(min), v.maxValue(max));

/**
 * Reads properties by a schema, whose strict objects refuse what is not emulated.
 * @throws OperatorError that names the first property which is unknown or does not fit
 */
export function parseProperties<T>(schema: v.GenericSchema<unknown, T>, properties: unknown): T {
  const parsed = v.safeParse(schema, properties);
  if (parsed.success) return parsed.output;
  const unknown = parsed.issues.find(
    ({ type, expected }) => type === "strict_object" && expected === "never",
  );
  throw new OperatorError(unknown ? `${pathOf(unknown)} is not emulated` : explain(parsed.issues));
}
