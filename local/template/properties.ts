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

/** The same for a property that need not be there. */
export function optionalText(properties: Properties, name: string): string | undefined {
  const value = properties[name];
  if (value === undefined || typeof value === "string") return value;
  if (typeof value === "number" || typeof value === "boolean") return String(value);
  throw new OperatorError(`${name} is ${Array.isArray(value) ? "a list" : "an object"}; expected text`);
}
