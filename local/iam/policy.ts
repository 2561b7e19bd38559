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
}

export type Decision = "allowed" | "explicitly denied" | "not allowed";

type Test = (actual: string, expected: string) => boolean;

const like: Test = (actual, expected) => wildcard(expected).test(actual);

const OPERATORS: Readonly<Record<string, Test>> = {
  StringEquals: (actual, expected) => actual === expected,
  StringEqualsIgnoreCase: (actual, expected) => actual.toLowerCase() === expected.toLowerCase(),
  StringLike: like,
  ArnEquals: like,
  ArnLike: like,
  Bool: (actual, expected) => actual.toLowerCase() === expected.toLowerCase(),
};

const NEGATED: Readonly<Record<string, string>> = {
  StringNotEquals: "StringEquals",
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

/** Refuses, at start-up, a policy with a condition operator that the local cloud would not honour. */
export function checkPolicy(policy: Policy, owner: string): void {
  for (const { Condition } of statementsOf(policy))
    for (const operator of Object.keys(Condition ?? {}))
      if (!testOf(operator))
        throw new OperatorError(`${owner}: the IAM condition operator ${operator} is not emulated`);
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
  if (Principal !== undefined && !isPrincipal(Principal, request.service)) return false;
  return holds(Condition ?? {}, request.context ?? {});
}

const isPrincipal = (principal: NonNullable<Statement["Principal"]>, service?: string): boolean =>
  principal === "*" || (service !== undefined && listOf(principal["Service"] ?? []).includes(service));

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

const isNegated = (operator: string): boolean => operator.replace(/IfExists$/, "") in NEGATED;

function testOf(operator: string): ((actual: string, expected: readonly string[]) => boolean) | undefined {
  const name = operator.replace(/IfExists$/, "");
  const positive = OPERATORS[NEGATED[name] ?? name];
  if (!positive) return undefined;
  return (actual, expected) => expected.some((one) => positive(actual, one)) !== name in NEGATED;
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
