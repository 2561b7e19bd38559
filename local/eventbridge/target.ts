import * as v from "valibot";
import { OperatorError } from "../errors.ts";
import { wholeNumber } from "../template/properties.ts";
import type { BusEvent } from "./event.ts";
import type { RuleTarget } from "./rules.ts";

/** Documented (CloudFormation, AWS::Events::Rule Target); any other property is refused by name. */
const targetProperties = v.strictObject({
  Id: v.pipe(v.string(), v.regex(/^[.\-_A-Za-z0-9]{1,64}$/)),
  Arn: v.string(),
  Input: v.optional(v.pipe(v.string(), v.maxLength(8192))),
  InputPath: v.optional(v.pipe(v.string(), v.maxLength(256))),
  RetryPolicy: v.optional(
    v.strictObject({
      MaximumRetryAttempts: v.optional(wholeNumber(0, 185), 185),
      MaximumEventAgeInSeconds: v.optional(wholeNumber(60, 86_400), 86_400),
    }),
    {},
  ),
  DeadLetterConfig: v.optional(v.strictObject({ Arn: v.string() })),
});

/** @throws OperatorError for a target or a property that is not emulated */
export function readTarget(properties: unknown): RuleTarget {
  const parsed = v.safeParse(targetProperties, properties);
  if (!parsed.success) throw new OperatorError(`Targets: ${v.summarize(parsed.issues)}`);
  const { Id, Arn, Input, InputPath, RetryPolicy, DeadLetterConfig } = parsed.output;
  const service = Arn.split(":")[2];
  if (service !== "lambda" && service !== "sqs")
    throw new OperatorError(
      `Targets: ${Arn} is neither a function nor a queue; other targets are not emulated`,
    );
  if (Input !== undefined && InputPath !== undefined)
    throw new OperatorError(`Targets: ${Id} has both Input and InputPath; only one is possible`);
  return {
    id: Id,
    arn: Arn,
    kind: service,
    input: inputOf(Id, Input, InputPath),
    inputText: Input,
    inputPath: InputPath,
    maxRetries: RetryPolicy.MaximumRetryAttempts,
    maxEventAgeMs: RetryPolicy.MaximumEventAgeInSeconds * 1000,
    deadLetterQueueArn: DeadLetterConfig?.Arn,
  };
}

/** The whole event, a constant, or a part of the event. */
function inputOf(id: string, input: string | undefined, path: string | undefined): RuleTarget["input"] {
  if (input !== undefined) {
    try {
      JSON.parse(input);
    } catch {
      throw new OperatorError(`Targets: the Input of ${id} is not JSON`);
    }
    return () => input;
  }
  if (path === undefined) return (event) => JSON.stringify(event);
  const steps = stepsOf(path);
  if (!steps)
    throw new OperatorError(`Targets: the InputPath ${path} of ${id} is not emulated; use $.a.b[0]`);
  return (event) => JSON.stringify(partOf(event, steps) ?? {});
}

/** The steps of `$.detail.labels[0]`. */
function stepsOf(path: string): readonly string[] | undefined {
  if (!/^\$(\.[\w-]+|\[\d+\])*$/.test(path)) return undefined;
  return [...path.matchAll(/[\w-]+/g)].map(([step]) => step);
}

const partOf = (event: BusEvent, steps: readonly string[]): unknown =>
  steps.reduce<unknown>(
    (value, step) =>
      value !== null && typeof value === "object" ? (value as Record<string, unknown>)[step] : undefined,
    event,
  );
