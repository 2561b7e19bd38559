import { OperatorError } from "../errors.ts";

/** One statement of an IAM policy, with every intrinsic function resolved. */
export interface Statement {
  readonly Effect: "Allow" | "Deny";
  readonly Action?: string | readonly string[];
  readonly NotAction?: string | readonly string[];
  readonly Resource?: string | readonly string[];
  readonly NotResource?: string | readonly string[];
  readonly Principal?: "*" | Readonly<Record<string, string | readonly string[]>>;
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, string | readonly string[]>>>>;
  readonly Sid?: string;
}

export interface Policy {
  readonly Version?: string;
  readonly Statement: Statement | readonly Statement[];
}

/** A call to be decided. */
export interface AccessRequest {
  readonly action: string;
  readonly resource: string;
  /** Condition keys and their values, e.g. `aws:SourceArn`; keys are compared without regard to case. */
  readonly context?: Readonly<Record<string, string>>;
  /** The calling service (`sns.amazonaws.com`), for policies with a Principal. */
  readonly service?: string;
  /** ARNs by which a policy may name the caller: its role, its session and its account's root. */
  readonly principalArns?: readonly string[];
}

export type Decision = "allowed" | "explicitly denied" | "not allowed";

type Test = (actual: string, expected: string) => boolean;

const ELEMENTS: readonly string[] = [
  "Sid",
  "Effect",
  "Principal",
  "Action",
  "NotAction",
  "Resource",
  "NotResource",
  "Condition",
];

const like: Test = (actual, expected) => wildcard(expected).test(actual);

/** Each of an ARN's six parts is compared by itself: a wildcard does not reach over a colon (documented: IAM, ARN condition operators). */
function arnLike(actual: string, expected: string): boolean {
  const parts = arnParts(actual);
  const patterns = arnParts(expected);
  return (
    parts.length === patterns.length &&
    patterns.every((pattern, index) => wildcard(pattern).test(parts[index]!))
  );
}

const arnParts = (arn: string): readonly string[] => {
  const parts = arn.split(":");
  return [...parts.slice(0, 5), ...(parts.length > 5 ? [parts.slice(5).join(":")] : [])];
};

const OPERATORS: Readonly<Record<string, Test>> = {
  StringEquals: (actual, expected) => actual === expected,
  StringEqualsIgnoreCase: (actual, expected) => actual.toLowerCase() === expected.toLowerCase(),
  StringLike: like,
  ArnEquals: arnLike,
  ArnLike: arnLike,
  Bool: (actual, expected) => actual.toLowerCase() === expected.toLowerCase(),
};

const NEGATED: Readonly<Record<string, string>> = {
  StringNotEquals: "StringEquals",
  StringNotEqualsIgnoreCase: "StringEqualsIgnoreCase",
  StringNotLike: "StringLike",
  ArnNotEquals: "ArnEquals",
  ArnNotLike: "ArnLike",
};

/** Decides a call as IAM documents it: an explicit Deny wins, then any Allow, and silence refuses. */
export function decide(policies: readonly Policy[], request: AccessRequest): Decision {
  const matching = policies.flatMap(statementsOf).filter((statement) => applies(statement, request));
  if (matching.some(({ Effect }) => Effect === "Deny")) return "explicitly denied";
  return matching.some(({ Effect }) => Effect === "Allow") ? "allowed" : "not allowed";
}

/**
 * Refuses, at start-up, a policy that the local cloud would not honour.
 * @throws OperatorError naming an element, a condition operator or a policy variable that is not emulated
 */
export function checkPolicy(policy: Policy, owner: string): void {
  for (const statement of statementsOf(policy)) {
    const unknown = Object.keys(statement).find((element) => !ELEMENTS.includes(element));
    if (unknown) throw new OperatorError(`${owner}: the IAM policy element ${unknown} is not emulated`);
    if (!["Allow", "Deny"].includes(statement.Effect))
      throw new OperatorError(
        `${owner}: the Effect of a statement is ${statement.Effect}; expected Allow or Deny`,
      );
    const { Condition = {}, Resource, NotResource } = statement;
    for (const operator of Object.keys(Condition))
      if (!testOf(operator))
        throw new OperatorError(`${owner}: the IAM condition operator ${operator} is not emulated`);
    const [, variable] = /(\$\{[^}]*\})/.exec(JSON.stringify([Condition, Resource, NotResource])) ?? [];
    if (variable) throw new OperatorError(`${owner}: the IAM policy variable ${variable} is not emulated`);
  }
}

const statementsOf = ({ Statement }: Policy): readonly Statement[] => listOf(Statement);

function applies(statement: Statement, request: AccessRequest): boolean {
  const { Action, NotAction, Resource, NotResource, Principal, Condition } = statement;
  const actionMatches = (pattern: string) => wildcard(pattern, "i").test(request.action);
  const resourceMatches = (pattern: string) => wildcard(pattern).test(request.resource);
  if (Action !== undefined && !listOf(Action).some(actionMatches)) return false;
  if (NotAction !== undefined && listOf(NotAction).some(actionMatches)) return false;
  if (Resource !== undefined && !listOf(Resource).some(resourceMatches)) return false;
  if (NotResource !== undefined && listOf(NotResource).some(resourceMatches)) return false;
  if (Principal !== undefined && !isPrincipal(Principal, request)) return false;
  return holds(Condition ?? {}, request.context ?? {});
}

function isPrincipal(
  principal: NonNullable<Statement["Principal"]>,
  { service, principalArns = [] }: AccessRequest,
): boolean {
  if (typeof principal === "string") return principal === "*";
  const named = listOf(principal["AWS"] ?? []);
  return (
    named.includes("*") ||
    named.some((one) => principalArns.includes(one)) ||
    (service !== undefined && listOf(principal["Service"] ?? []).includes(service))
  );
}

function holds(
  condition: NonNullable<Statement["Condition"]>,
  context: Readonly<Record<string, string>>,
): boolean {
  const values = new Map(Object.entries(context).map(([key, value]) => [key.toLowerCase(), value]));
  return Object.entries(condition).every(([operator, keys]) =>
    Object.entries(keys).every(([key, expected]) => {
      const actual = values.get(key.toLowerCase());
      if (actual === undefined) return operator.endsWith("IfExists") || isNegated(operator);
      return testOf(operator)!(actual, listOf(expected).map(String));
    }),
  );
}

const isNegated = (operator: string): boolean => Object.hasOwn(NEGATED, operator.replace(/IfExists$/, ""));

function testOf(operator: string): ((actual: string, expected: readonly string[]) => boolean) | undefined {
  const name = operator.replace(/IfExists$/, "");
  const positiveName = isNegated(name) ? NEGATED[name]! : name;
  const positive = Object.hasOwn(OPERATORS, positiveName) ? OPERATORS[positiveName] : undefined;
  if (!positive) return undefined;
  return (actual, expected) => expected.some((one) => positive(actual, one)) !== isNegated(name);
}

/** A policy pattern as a regular expression: `*` any characters, `?` any one. */
const wildcard = (pattern: string, flags = ""): RegExp =>
  new RegExp(
    `^${pattern
      .replaceAll(/[.+^${}()|[\]\\]/g, "\\$&")
      .replaceAll("*", ".*")
      .replaceAll("?", ".")}$`,
    `s${flags}`,
  );

const listOf = <T>(value: T | readonly T[]): readonly T[] => (Array.isArray(value) ? value : [value as T]);
