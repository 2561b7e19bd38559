import { BlockList, isIP } from "node:net";
import { PatternError } from "./errors.ts";

/** One value of a pattern's field: a test of a leaf, or whether the field must exist. */
export interface Condition {
  readonly exists?: boolean;
  readonly matches: (leaf: unknown) => boolean;
}

type Test = (leaf: unknown) => boolean;
type TextTest = (text: string) => boolean;

/** Documented (numeric matching): between these, inclusive. */
const LARGEST_NUMBER = 5e9;

const onText =
  (test: TextTest): Test =>
  (leaf) =>
    typeof leaf === "string" && test(leaf);

/** Operators whose operand is one text, or for prefix and suffix `{"equals-ignore-case": text}`. */
const TEXT_OPERATORS: Readonly<Record<string, (operand: string) => TextTest>> = {
  prefix: (operand) => (text) => text.startsWith(operand),
  suffix: (operand) => (text) => text.endsWith(operand),
  "equals-ignore-case": (operand) => (text) => text.toLowerCase() === operand.toLowerCase(),
  wildcard: (operand) => {
    const expression = wildcard(operand);
    return (text) => expression.test(text);
  },
};

/** @throws PatternError for an operator or operand that EventBridge does not have */
export function conditionOf(value: unknown, path: string): Condition {
  if (value === null || typeof value !== "object") return { matches: (leaf) => leaf === value };
  const [[name, operand] = ["", undefined], ...others] = Object.entries(value);
  if (Array.isArray(value) || others.length > 0 || !name)
    throw new PatternError(path, `${JSON.stringify(value)} is neither a value nor one operator`);
  if (name === "exists") {
    if (typeof operand !== "boolean") throw new PatternError(path, "exists takes true or false");
    return { exists: operand, matches: () => true };
  }
  if (name === "anything-but") return { matches: anythingBut(operand, path) };
  if (name === "numeric") return { matches: numeric(operand, path) };
  if (name === "cidr") return { matches: cidr(operand, path) };
  return { matches: textOperator(name, operand, path) };
}

function textOperator(name: string, operand: unknown, path: string): Test {
  const operator = Object.hasOwn(TEXT_OPERATORS, name) ? TEXT_OPERATORS[name] : undefined;
  if (!operator) throw new PatternError(path, `Unrecognized match type ${name}`);
  if (typeof operand === "string") {
    if (name === "wildcard") checkWildcard(operand, path);
    return onText(operator(operand));
  }
  const ignoringCase = insensitive(operand);
  if (ignoringCase === undefined || !["prefix", "suffix"].includes(name))
    throw new PatternError(path, `${name} takes text, not ${JSON.stringify(operand)}`);
  const test = operator(ignoringCase.toLowerCase());
  return onText((text) => test(text.toLowerCase()));
}

/** The operand of `{"equals-ignore-case": text}`. */
function insensitive(operand: unknown): string | undefined {
  if (operand === null || typeof operand !== "object") return undefined;
  const [[name, text] = [], ...others] = Object.entries(operand) as [string, unknown][];
  return name === "equals-ignore-case" && typeof text === "string" && others.length === 0 ? text : undefined;
}

/** Operand: a text, a number, a list of either, or a text operator over one text or several. */
function anythingBut(operand: unknown, path: string): Test {
  if (operand !== null && typeof operand === "object" && !Array.isArray(operand)) {
    const [[name, inner] = ["", undefined], ...others] = Object.entries(operand);
    if (others.length > 0) throw new PatternError(path, "anything-but takes one operator");
    const refused = listOf(inner).map((one) => textOperator(name, one, path));
    return (leaf) => refused.every((matches) => !matches(leaf));
  }
  const values = listOf(operand);
  const [first] = values;
  if (!["string", "number"].includes(typeof first) || values.some((one) => typeof one !== typeof first))
    throw new PatternError(path, "anything-but takes texts or numbers");
  return (leaf) => !values.includes(leaf);
}

const COMPARISONS: Readonly<Record<string, (a: number, b: number) => boolean>> = {
  "=": (a, b) => a === b,
  "<": (a, b) => a < b,
  "<=": (a, b) => a <= b,
  ">": (a, b) => a > b,
  ">=": (a, b) => a >= b,
};

/** Operand: `["=", n]`, or one or two bounds, `[">", 0, "<=", 5]`. */
function numeric(operand: unknown, path: string): Test {
  const parts = Array.isArray(operand) ? (operand as unknown[]) : [];
  if (![2, 4].includes(parts.length)) throw new PatternError(path, "numeric takes one or two comparisons");
  const tests: ((value: number) => boolean)[] = [];
  for (let index = 0; index < parts.length; index += 2) {
    const compare = COMPARISONS[String(parts[index])];
    const bound = parts[index + 1];
    if (!compare || typeof bound !== "number" || Math.abs(bound) > LARGEST_NUMBER)
      throw new PatternError(path, `numeric has no comparison ${String(parts[index])} ${String(bound)}`);
    tests.push((value) => compare(value, bound));
  }
  return (leaf) => typeof leaf === "number" && tests.every((holds) => holds(leaf));
}

function cidr(operand: unknown, path: string): Test {
  const [address = "", bits = ""] = String(operand).split("/");
  const family = isIP(address);
  const length = Number(bits);
  if (!family || !/^\d+$/.test(bits) || length > (family === 4 ? 32 : 128))
    throw new PatternError(path, `${String(operand)} is not a CIDR block`);
  const block = new BlockList();
  block.addSubnet(address, length, family === 4 ? "ipv4" : "ipv6");
  return onText((text) => isIP(text) !== 0 && block.check(text, isIP(text) === 4 ? "ipv4" : "ipv6"));
}

/** `*` matches any text; a backslash escapes an asterisk or a backslash. */
const wildcard = (operand: string): RegExp =>
  new RegExp(
    `^${operand.replaceAll(/\\([\\*])|\*|[.+?^${}()|[\]\\]/g, (all, escaped: string | undefined) =>
      escaped ? `\\${escaped}` : all === "*" ? ".*" : `\\${all}`,
    )}$`,
    "s",
  );

function checkWildcard(operand: string, path: string): void {
  const plain = operand.replaceAll(/\\[\\*]/g, "");
  if (plain.includes("**")) throw new PatternError(path, "consecutive wildcard characters are not allowed");
  if (plain.includes("\\")) throw new PatternError(path, "a backslash escapes only * and \\");
}

const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [value]);
