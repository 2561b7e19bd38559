import type { Cloud } from "../cloud.ts";
import { AsyncInvocations, DEFAULT_ASYNC_CONFIG, type AsyncConfig } from "./async-invocations.ts";
import { EventSourceMappings } from "./event-source-mappings.ts";
import { Sandboxes } from "./sandboxes.ts";
import type { FunctionRuntime } from "./runtime.ts";

/** The functions of the stack, their asynchronous invocations and the sources that they read. */
export interface LambdaState {
  /** By ARN. */
  readonly functions: Map<string, FunctionRuntime>;
  readonly sandboxes: Sandboxes;
  /** By the function's ARN. */
  readonly asyncConfigs: Map<string, AsyncConfig>;
  readonly asyncInvocations: AsyncInvocations;
  readonly mappings: EventSourceMappings;
}

export function openState(cloud: Cloud): LambdaState {
  const functions = new Map<string, FunctionRuntime>();
  const asyncConfigs = new Map<string, AsyncConfig>();
  const asyncInvocations = new AsyncInvocations(
    cloud,
    (arn) => functions.get(arn),
    (arn) => asyncConfigs.get(arn) ?? DEFAULT_ASYNC_CONFIG,
  );
  return {
    functions,
    sandboxes: new Sandboxes(),
    asyncConfigs,
    asyncInvocations,
    mappings: new EventSourceMappings(cloud, functions),
  };
}

/** A name, `account:function:name` or an ARN, each with or without a qualifier (documented: Invoke, FunctionName). */
const FUNCTION_NAME = /^(arn:[^:]+:lambda:[^:]+:\d+:function:|\d+:function:)?([\w-]+)(?::([\w$-]+))?$/;

/** A function's ARN; with its qualifier unless that is `$LATEST`, the only version here. */
export function functionArn(cloud: Cloud, given: string, qualifier = ""): string {
  const [, prefix = "", name = given, version = qualifier] = FUNCTION_NAME.exec(given) ?? [];
  const plain = prefix.startsWith("arn:") ? prefix + name : cloud.arn("lambda", `function:${name}`);
  return version && version !== "$LATEST" ? `${plain}:${version}` : plain;
}
