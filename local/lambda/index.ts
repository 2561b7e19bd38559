import { restApi } from "../api/rest.ts";
import type { Service } from "../service.ts";
import { actions, invoke } from "./api.ts";
import { AsyncInvocations, DEFAULT_ASYNC_CONFIG, type AsyncConfig } from "./async-invocations.ts";
import { EventSourceMappings } from "./event-source-mappings.ts";
import { resourceTypes } from "./resources.ts";
import type { FunctionRuntime } from "./runtime.ts";

/** The functions of the stack, by ARN, and their asynchronous side. */
export interface Functions {
  readonly byArn: Map<string, FunctionRuntime>;
  readonly asyncConfigs: Map<string, AsyncConfig>;
  readonly asyncInvocations: AsyncInvocations;
}

/** AWS Lambda: each packaged bundle in worker threads, with its role's credentials, timeout, retries and destination. */
export const lambda: Service = {
  name: "lambda",
  start: (cloud) => {
    const byArn = new Map<string, FunctionRuntime>();
    const asyncConfigs = new Map<string, AsyncConfig>();
    const asyncInvocations = new AsyncInvocations(
      cloud,
      (arn) => byArn.get(arn),
      (arn) => asyncConfigs.get(arn) ?? DEFAULT_ASYNC_CONFIG,
    );
    const functions: Functions = { byArn, asyncConfigs, asyncInvocations };
    const mappings = new EventSourceMappings(cloud, byArn);
    const path = "/2015-03-31/functions";
    return {
      apis: [
        restApi(
          {
            signingName: "lambda",
            invalidInputCode: "InvalidParameterValueException",
            routes: [
              {
                method: "POST",
                path: `${path}/{FunctionName}/invocations`,
                name: "InvokeFunction",
                stream: invoke,
              },
              {
                method: "GET",
                path: `${path}/{FunctionName}`,
                name: "GetFunction",
                action: actions.getFunction,
              },
              {
                method: "GET",
                path: `${path}/{FunctionName}/configuration`,
                name: "GetFunctionConfiguration",
                action: actions.getFunctionConfiguration,
              },
              { method: "GET", path, name: "ListFunctions", action: actions.listFunctions },
            ],
          },
          cloud,
          functions,
        ),
      ],
      resources: {
        ...resourceTypes(cloud, functions),
        "AWS::Lambda::EventSourceMapping": mappings.resourceType,
      },
      ready: () => {
        asyncInvocations.resume();
        mappings.start();
      },
      stop: async () => {
        asyncInvocations.stop();
        mappings.stop();
        await Promise.all([...byArn.values()].map((runtime) => runtime.stop()));
        await asyncInvocations.settled();
      },
    };
  },
};
