import { OperatorError } from "../errors.ts";
import { resolve, type Scope } from "./intrinsics.ts";

/** A parameter of a template (documented: CloudFormation, "Parameters section"). */
export interface TemplateParameter {
  readonly Type?: string;
  readonly Description?: string;
  readonly Default?: unknown;
  readonly AllowedValues?: readonly unknown[];
  readonly AllowedPattern?: string;
  readonly ConstraintDescription?: string;
  readonly MinValue?: number;
  readonly MaxValue?: number;
  readonly MinLength?: number;
  readonly MaxLength?: number;
}

/** A condition on several parameters (documented: CloudFormation, "Rules section"). */
export interface TemplateRule {
  readonly RuleCondition?: unknown;
  readonly Assertions: readonly { readonly Assert: unknown; readonly AssertDescription?: string }[];
}

interface Parameterised {
  readonly Parameters?: Readonly<Record<string, TemplateParameter>>;
  readonly Rules?: Readonly<Record<string, TemplateRule>>;
}

/**
 * The value of each parameter, as given or by default; lists are split.
 * @throws OperatorError that lists every value which CloudFormation would refuse before it creates anything
 */
export function parameterValues(
  template: Parameterised,
  given: Readonly<Record<string, unknown>> = {},
): Record<string, unknown> {
  const { Parameters = {} } = template;
  const unknown = Object.keys(given).find((name) => !Object.hasOwn(Parameters, name));
  if (unknown) throw new OperatorError(`the template has no parameter ${unknown}`);
  const values: Record<string, unknown> = {};
  for (const [name, { Default }] of Object.entries(Parameters)) {
    values[name] = given[name] ?? Default;
    if (values[name] === undefined)
      throw new OperatorError(`the template's parameter ${name} has no value and no default`);
  }
  const problems = [
    ...Object.entries(Parameters).flatMap(([name, parameter]) => unfit(name, parameter, values[name])),
    ...brokenRules(template, values),
  ];
  if (problems.length > 0)
    throw new OperatorError(`the stack's parameters do not fit:\n  ${problems.join("\n  ")}`);
  return Object.fromEntries(
    Object.entries(Parameters).map(([name, { Type = "String" }]) => {
      const value = values[name];
      const isList = Type === "CommaDelimitedList" || Type.startsWith("List<");
      return [name, isList && typeof value === "string" ? value.split(/\s*,\s*/) : value];
    }),
  );
}

/** The reason why a value does not fit its parameter, if it does not. */
function unfit(name: string, parameter: TemplateParameter, value: unknown): string[] {
  const { Type, AllowedValues, AllowedPattern, MinValue, MaxValue, MinLength, MaxLength } = parameter;
  const text = String(value);
  const amount = Number(text);
  const expected = [
    ...(Type === "Number" && (text.trim() === "" || Number.isNaN(amount)) ? ["a number"] : []),
    ...(AllowedValues && !AllowedValues.map(String).includes(text)
      ? [`one of ${AllowedValues.map(String).join(", ")}`]
      : []),
    // Documented: the pattern must match the whole value.
    ...(AllowedPattern !== undefined && !new RegExp(`^(?:${AllowedPattern})$`).test(text)
      ? [`text that matches ${AllowedPattern}`]
      : []),
    ...(MinValue !== undefined && amount < MinValue ? [`at least ${MinValue}`] : []),
    ...(MaxValue !== undefined && amount > MaxValue ? [`at most ${MaxValue}`] : []),
    ...(MinLength !== undefined && text.length < MinLength ? [`at least ${MinLength} characters`] : []),
    ...(MaxLength !== undefined && text.length > MaxLength ? [`at most ${MaxLength} characters`] : []),
  ];
  if (expected.length === 0) return [];
  return [`${name} is "${text}"; ${parameter.ConstraintDescription ?? `expected ${expected.join(", ")}`}`];
}

function brokenRules(template: Parameterised, parameters: Readonly<Record<string, unknown>>): string[] {
  const scope: Scope = { parameters, created: new Map(), conditions: {}, mappings: {} };
  return Object.entries(template.Rules ?? {}).flatMap(([name, { RuleCondition, Assertions }]) => {
    if (RuleCondition !== undefined && resolve(RuleCondition, scope) !== true) return [];
    return Assertions.filter(({ Assert }) => resolve(Assert, scope) !== true).map(
      ({ AssertDescription }) => AssertDescription ?? `the rule ${name} does not hold`,
    );
  });
}
