import { readJson } from "./json.ts";
import { zonedTime, type Address, type FieldRules, type Reading } from "./reading.ts";

/** Smaller numbers are epoch seconds. */
const LEAST_MS = 100_000_000_000;

/**
 * Any body. Without rules, the address says whether motion began or ended. A rule is `<path>=<value>,<value>`: it matches
 * a JSON body or a form whose field at the path has one of the values, in any case; `*` is any value. With `motionBegan`,
 * a body that matches no rule reports no motion. `motionTime` is the path of the time.
 */
export function readGeneric(
  document: string,
  address: Address,
  { motionBegan, motionEnded, motionTime }: FieldRules,
): Reading {
  if (motionBegan === undefined && motionEnded === undefined && motionTime === undefined)
    return { kind: address, reason: "any body" };
  const fields = fieldsOf(document);
  const at = motionTime === undefined ? undefined : timeOf(valueAt(fields, motionTime));
  if (motionEnded !== undefined && matches(fields, motionEnded))
    return { kind: "ended", at, reason: "motionEnded matches" };
  if (motionBegan === undefined) return { kind: address, at, reason: "no rule matches" };
  return matches(fields, motionBegan)
    ? { kind: "began", at, reason: "motionBegan matches" }
    : { kind: "none", at, reason: "no rule matches" };
}

/** @throws UnreadableBody */
function fieldsOf(document: string): unknown {
  const isForm = /^[\w.%+-]+=/.test(document);
  return isForm ? Object.fromEntries(new URLSearchParams(document.trim())) : readJson(document);
}

function matches(fields: unknown, rule: string): boolean {
  const at = rule.indexOf("=");
  const value = valueAt(fields, rule.slice(0, at));
  if (typeof value !== "string" && typeof value !== "number" && typeof value !== "boolean") return false;
  const text = String(value).trim().toLowerCase();
  return rule
    .slice(at + 1)
    .split(",")
    .some((one) => one.trim() === "*" || one.trim().toLowerCase() === text);
}

/** The value at a path such as `alarm.triggers.0.key`. */
const valueAt = (fields: unknown, path: string): unknown =>
  path
    .split(".")
    .reduce<unknown>(
      (value, key) =>
        typeof value === "object" && value !== null && Object.prototype.propertyIsEnumerable.call(value, key)
          ? (value as Record<string, unknown>)[key]
          : undefined,
      fields,
    );

function timeOf(value: unknown): number | undefined {
  if (typeof value === "string" && !/^\d+$/.test(value)) return zonedTime(value);
  const number = typeof value === "number" || typeof value === "string" ? Number(value) : Number.NaN;
  if (!Number.isFinite(number)) return undefined;
  return Math.round(number < LEAST_MS ? number * 1000 : number);
}
