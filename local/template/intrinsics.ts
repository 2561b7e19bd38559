import { OperatorError } from "../errors.ts";
import type { CreatedResource } from "./resource.ts";

/** What intrinsic functions can see. */
export interface Scope {
  /** Parameters and pseudo parameters (`AWS::Region` …) by name. */
  readonly parameters: Readonly<Record<string, unknown>>;
  /** Resources created so far, by logical id. */
  readonly created: ReadonlyMap<string, CreatedResource>;
  /** The template's conditions, unresolved, by name. */
  readonly conditions: Readonly<Record<string, unknown>>;
  /** The template's mappings. */
  readonly mappings: Readonly<Record<string, Record<string, Record<string, unknown>>>>;
}

type Intrinsic = (argument: unknown, scope: Scope) => unknown;

const NO_VALUE = Symbol("AWS::NoValue");

const INTRINSICS: Readonly<Record<string, Intrinsic>> = {
  Ref: (name, scope) => {
    if (name === "AWS::NoValue") return NO_VALUE;
    const id = String(name);
    if (Object.hasOwn(scope.parameters, id)) return scope.parameters[id];
    return createdResource(id, scope).ref;
  },
  "Fn::GetAtt": (argument, scope) => {
    const [id = "", ...rest] = Array.isArray(argument) ? argument.map(String) : String(argument).split(".");
    const attribute = rest.join(".");
    const value = createdResource(id, scope).attributes?.[attribute];
    if (value === undefined)
      throw new OperatorError(`${id}.${attribute} is not an attribute the local cloud has`);
    return value;
  },
  "Fn::Sub": (argument, scope) => {
    const [text, extra] = Array.isArray(argument) ? argument : [argument, {}];
    const variables = resolve(extra ?? {}, scope) as Record<string, unknown>;
    return String(text).replaceAll(/\$\{(!?)([^}]+)\}/g, (_whole, literal: string, name: string) => {
      if (literal) return `\${${name}}`;
      if (Object.hasOwn(variables, name)) return String(variables[name]);
      return resolve(name.includes(".") ? { "Fn::GetAtt": name } : { Ref: name }, scope) as string;
    });
  },
  "Fn::Join": (argument, scope) => {
    const [separator, parts] = resolve(argument, scope) as [string, unknown[]];
    return parts.map(String).join(separator);
  },
  "Fn::Select": (argument, scope) => {
    const [index, list] = resolve(argument, scope) as [number | string, unknown[]];
    return list[Number(index)];
  },
  "Fn::Split": (argument, scope) => {
    const [separator, text] = resolve(argument, scope) as [string, string];
    return text.split(separator);
  },
  "Fn::Base64": (argument, scope) => Buffer.from(String(resolve(argument, scope))).toString("base64"),
  "Fn::FindInMap": (argument, scope) => {
    const [map, top, second] = resolve(argument, scope) as [string, string, string];
    const value = scope.mappings[map]?.[top]?.[second];
    if (value === undefined) throw new OperatorError(`the template has no mapping ${map}.${top}.${second}`);
    return value;
  },
  "Fn::If": (argument, scope) => {
    const [condition, then, otherwise] = argument as [string, unknown, unknown];
    return resolveOrNothing(isTrue(condition, scope) ? then : otherwise, scope);
  },
  "Fn::Equals": (argument, scope) => {
    const [left, right] = resolve(argument, scope) as [unknown, unknown];
    return String(left) === String(right);
  },
  "Fn::Not": (argument, scope) => !truth((argument as unknown[])[0], scope),
  // In Rules only (documented: CloudFormation, "Rules section").
  "Fn::Contains": (argument, scope) => {
    const [list, value] = resolve(argument, scope) as [unknown[], unknown];
    return list.map(String).includes(String(value));
  },
  "Fn::And": (argument, scope) => (argument as unknown[]).every((one) => truth(one, scope)),
  "Fn::Or": (argument, scope) => (argument as unknown[]).some((one) => truth(one, scope)),
};

/**
 * Replaces every intrinsic function in a template value.
 * @throws OperatorError naming a function, reference or attribute that cannot be resolved
 */
export function resolve(value: unknown, scope: Scope): unknown {
  const resolved = resolveOrNothing(value, scope);
  return resolved === NO_VALUE ? undefined : resolved;
}

/** Whether a named condition of the template holds. */
export function isTrue(condition: string, scope: Scope): boolean {
  if (!Object.hasOwn(scope.conditions, condition))
    throw new OperatorError(`the template has no condition ${condition}`);
  return truth(scope.conditions[condition], scope);
}

/** The logical ids (and parameters) that a template value refers to. */
export function references(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(references);
  if (value === null || typeof value !== "object") return [];
  return Object.entries(value).flatMap(([key, argument]) => {
    if (key === "Ref") return [String(argument)];
    if (key === "Fn::GetAtt")
      return [String(Array.isArray(argument) ? argument[0] : String(argument).split(".")[0])];
    if (key === "Fn::Sub") {
      const text = String(Array.isArray(argument) ? argument[0] : argument);
      const variables = Array.isArray(argument) ? (argument[1] as object) : {};
      const names = [...text.matchAll(/\$\{([^!}][^}]*)\}/g)].map(([, name]) => name!);
      const outside = names.filter((name) => !Object.hasOwn(variables, name));
      return [...outside.map((name) => name.split(".")[0]!), ...references(variables)];
    }
    return references(argument);
  });
}

function resolveOrNothing(value: unknown, scope: Scope): unknown {
  if (Array.isArray(value))
    return value.map((one) => resolveOrNothing(one, scope)).filter((one) => one !== NO_VALUE);
  if (value === null || typeof value !== "object") return value;
  const entries = Object.entries(value);
  const [first] = entries;
  if (first && entries.length === 1) {
    const [name, argument] = first;
    const intrinsic = Object.hasOwn(INTRINSICS, name) ? INTRINSICS[name] : undefined;
    if (intrinsic) return intrinsic(argument, scope);
    if (name.startsWith("Fn::")) throw new OperatorError(`the intrinsic function ${name} is not emulated`);
  }
  return Object.fromEntries(
    entries
      .map(([key, one]) => [key, resolveOrNothing(one, scope)] as const)
      .filter(([, one]) => one !== NO_VALUE),
  );
}

const truth = (value: unknown, scope: Scope): boolean =>
  value !== null && typeof value === "object" && "Condition" in value
    ? isTrue(String(value.Condition), scope)
    : resolve(value, scope) === true;

function createdResource(id: string, scope: Scope): CreatedResource {
  const created = scope.created.get(id);
  if (!created)
    throw new OperatorError(
      `the template refers to ${id}, which is neither a parameter nor a created resource`,
    );
  return created;
}
