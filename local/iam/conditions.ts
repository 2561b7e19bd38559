import { covers, coversArn } from "./wildcard.ts";

/** A statement's Condition: operators, each with keys and the values that they are compared with. */
export type Condition = Readonly<Record<string, Readonly<Record<string, Scalar | readonly Scalar[]>>>>;
type Scalar = string | number | boolean;

/** Values of a call by condition key; keys are case-insensitive. */
export type Context = Readonly<Record<string, string | readonly string[]>>;

/**
 * The keys that the local cloud sets, as AWS does (documented: IAM, global condition context keys): SecureTransport on
 * every call; the Principal keys by caller; the Source keys on calls that a service makes for a resource; ExternalId when
 * a service sends one as it assumes a role; LeadingKeys on calls of DynamoDB that name items; prefix on lists of S3 that
 * have one. The keys of KMS are accepted
 * and never set, because KMS is not emulated.
 */
const KEYS = [
  "aws:SecureTransport",
  "aws:PrincipalAccount",
  "aws:PrincipalArn",
  "aws:PrincipalIsAWSService",
  "aws:PrincipalServiceName",
  "aws:ResourceAccount",
  "aws:SourceAccount",
  "aws:SourceArn",
  "dynamodb:LeadingKeys",
  "kms:EncryptionContext:aws:lambda:FunctionArn",
  "kms:ViaService",
  "s3:prefix",
  "sts:ExternalId",
].map((key) => key.toLowerCase());

type Test = (actual: string, expected: string) => boolean;

const numeric =
  (compare: (actual: number, expected: number) => boolean): Test =>
  (actual, expected) =>
    actual !== "" && expected !== "" && compare(Number(actual), Number(expected));

const ignoringCase: Test = (actual, expected) => actual.toLowerCase() === expected.toLowerCase();
const like: Test = (actual, expected) => covers(expected, actual);
const arnLike: Test = (actual, expected) => coversArn(expected, actual);

const OPERATORS: Readonly<Record<string, Test>> = {
  StringEquals: (actual, expected) => actual === expected,
  StringEqualsIgnoreCase: ignoringCase,
  StringLike: like,
  // Documented: the two do the same.
  ArnEquals: arnLike,
  ArnLike: arnLike,
  Bool: ignoringCase,
  NumericEquals: numeric((actual, expected) => actual === expected),
  NumericLessThan: numeric((actual, expected) => actual < expected),
  NumericLessThanEquals: numeric((actual, expected) => actual <= expected),
  NumericGreaterThan: numeric((actual, expected) => actual > expected),
  NumericGreaterThanEquals: numeric((actual, expected) => actual >= expected),
};

const NEGATED: Readonly<Record<string, string>> = {
  StringNotEquals: "StringEquals",
  StringNotEqualsIgnoreCase: "StringEqualsIgnoreCase",
  StringNotLike: "StringLike",
  ArnNotEquals: "ArnEquals",
  ArnNotLike: "ArnLike",
  NumericNotEquals: "NumericEquals",
};

interface Operator {
  readonly quantifier: string | undefined;
  /** Whether one value of the call satisfies the operator. */
  readonly accepts: (actual: string, expected: readonly string[]) => boolean;
  /** Whether it holds for a key that the call does not have. */
  readonly holdsWithoutKey: boolean;
}

/** Whether every operator holds for every one of its keys. */
export function holds(condition: Condition, context: Context): boolean {
  const known = new Map(Object.entries(context).map(([key, value]) => [key.toLowerCase(), [value].flat()]));
  return Object.entries(condition).every(([name, keys]) =>
    Object.entries(keys).every(([key, value]) => {
      const actual = known.get(key.toLowerCase());
      const expected = [value].flat().map(String);
      // Documented: Null tests whether a key is absent.
      if (name === "Null") return expected.some((one) => ignoringCase(String(actual === undefined), one));
      const { quantifier, accepts, holdsWithoutKey } = operatorOf(name)!;
      if (actual === undefined) return holdsWithoutKey;
      return quantifier === "ForAllValues"
        ? actual.every((one) => accepts(one, expected))
        : actual.some((one) => accepts(one, expected));
    }),
  );
}

/** The first operator or key of a condition that is not emulated, e.g. `operator IpAddress`. */
export function unknownPart(condition: Condition): string | undefined {
  for (const [name, keys] of Object.entries(condition)) {
    if (name !== "Null" && !operatorOf(name)) return `operator ${name}`;
    const key = Object.keys(keys).find((one) => !KEYS.includes(one.toLowerCase()));
    if (key) return `key ${key}`;
  }
  return undefined;
}

/** The parts of `ForAnyValue:StringNotLikeIfExists`. */
function operatorOf(text: string): Operator | undefined {
  const [, quantifier, name = "", ifExists] =
    /^(?:(ForAnyValue|ForAllValues):)?(\w+?)(IfExists)?$/.exec(text) ?? [];
  const isNegated = Object.hasOwn(NEGATED, name);
  const positive = isNegated ? NEGATED[name]! : name;
  const test = Object.hasOwn(OPERATORS, positive) ? OPERATORS[positive] : undefined;
  if (!test) return undefined;
  return {
    quantifier,
    accepts: (actual, expected) => expected.some((one) => test(actual, one)) !== isNegated,
    // Documented: a key that is absent fails a comparison, passes a negated one and ForAllValues, fails ForAnyValue.
    holdsWithoutKey:
      ifExists !== undefined || quantifier === "ForAllValues" || (isNegated && quantifier === undefined),
  };
}
