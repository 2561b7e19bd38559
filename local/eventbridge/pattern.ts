import { conditionOf, type Condition } from "./pattern-conditions.ts";
import { PatternError } from "./errors.ts";

/** Whether an event matches a rule. */
export type Matcher = (event: unknown) => boolean;

/** Documented (EventBridge quotas). */
const MAX_PATTERN_CHARACTERS = 2048;
/** Names that make `$or` an ordinary field, because they are operators (observed: aws/event-ruler, README). */
const OPERATOR_NAMES = new Set([
  "exact",
  "prefix",
  "suffix",
  "anything-but",
  "numeric",
  "exists",
  "cidr",
  "wildcard",
  "equals-ignore-case",
]);

/**
 * An event pattern as a function (documented: EventBridge, event patterns and comparison operators; observed where that
 * is silent: the open library behind it, aws/event-ruler). Every named field must match: one of its values is enough, and
 * one element of an array. Fields inside an array of objects must match in the same object.
 * @param pattern the JSON object, or its text
 * @throws PatternError naming the field
 */
export function compilePattern(pattern: unknown): Matcher {
  const text = typeof pattern === "string" ? pattern : JSON.stringify(pattern);
  if (text.length > MAX_PATTERN_CHARACTERS)
    throw new PatternError("", `it has ${text.length} characters; at most ${MAX_PATTERN_CHARACTERS}`);
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    throw new PatternError("", "it is not JSON");
  }
  if (!isObject(parsed)) throw new PatternError("", "it is not an object");
  return fieldsMatcher(parsed, "");
}

function fieldsMatcher(pattern: Readonly<Record<string, unknown>>, path: string): Matcher {
  const entries = Object.entries(pattern);
  if (entries.length === 0) throw new PatternError(path, "empty objects are not allowed");
  const matchers = entries.map(([name, value]) => {
    const fieldPath = path ? `${path}.${name}` : name;
    if (name === "$or" && isAlternative(value)) {
      const alternatives = value.map((one, index) => fieldsMatcher(one, `${fieldPath}[${index}]`));
      return (event: unknown) => alternatives.some((matches) => matches(event));
    }
    const matches = fieldMatcher(value, fieldPath);
    return (event: unknown) => matches(isObject(event) ? event[name] : undefined);
  });
  const matchesAll: Matcher = (event) => matchers.every((matches) => matches(event));
  return (event) => (Array.isArray(event) && event.length > 0 ? event.some(matchesAll) : matchesAll(event));
}

function fieldMatcher(value: unknown, path: string): Matcher {
  if (isObject(value)) return fieldsMatcher(value, path);
  if (!Array.isArray(value) || value.length === 0)
    throw new PatternError(path, "a field takes an object or a list with at least one value");
  const conditions: Condition[] = value.map((one) => conditionOf(one, path));
  return (field) => {
    const leaves = leavesOf(field);
    return conditions.some(({ exists, matches }) =>
      exists === undefined ? leaves.some(matches) : exists === leaves.length > 0,
    );
  };
}

/** The values of a field: several for an array, none when it is absent or an object. */
function leavesOf(field: unknown): readonly unknown[] {
  if (Array.isArray(field)) return field.flatMap(leavesOf);
  return field === undefined || isObject(field) ? [] : [field];
}

/** `$or` is an operator only over two or more objects without operator names (observed: aws/event-ruler, README). */
const isAlternative = (value: unknown): value is Readonly<Record<string, unknown>>[] =>
  Array.isArray(value) &&
  value.length > 1 &&
  value.every((one) => isObject(one) && Object.keys(one).every((name) => !OPERATOR_NAMES.has(name)));

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
