import { restApi } from "../api/rest.ts";
import type { Service } from "../service.ts";
import { getFunction } from "./actions/get-function.ts";
import { getFunctionConfiguration } from "./actions/get-function-configuration.ts";
import { getAccountSettings } from "./actions/get-account-settings.ts";
import { getFunctionRecursionConfig } from "./actions/get-function-recursion-config.ts";
import { invoke } from "./actions/invoke.ts";
import { listFunctions } from "./actions/list-functions.ts";
import { putFunctionRecursionConfig } from "./actions/put-function-recursion-config.ts";
import { resourceTypes } from "./resources.ts";
import { openState } from "./state.ts";

const PATH = "/2015-03-31/functions";
const NAMED = `${PATH}/{FunctionName}`;
const RECURSION_CONFIG = "/2024-08-31/functions/{FunctionName}/recursion-config";

/**
 * AWS Lambda: runs each packaged bundle in worker threads, with its role's credentials, timeout, retries and destination,
 * and reads queues for functions.
 *
 * Emits the events invoked, log, throttled, event-handled, event-failed, event-throttled, destination-failed,
 * recursion-stopped, batch-handled, batch-failed, poll-failed and write-failed.
 */
export const lambda: Service = {
  name: "lambda",
  start: (cloud) => {
    const state = openState(cloud);
    const { asyncInvocations, functions, pollers } = state;
    return {
      apis: [
        restApi(
          {
            signingName: "lambda",
            invalidInputCode: "InvalidParameterValueException",
            routes: [
              { method: "POST", path: `${NAMED}/invocations`, name: "Invoke", stream: invoke },
              { method: "GET", path: NAMED, name: "GetFunction", action: getFunction },
              {
                method: "GET",
                path: `${NAMED}/configuration`,
                name: "GetFunctionConfiguration",
                action: getFunctionConfiguration,
              },
              {
                method: "GET",
                path: RECURSION_CONFIG,
                name: "GetFunctionRecursionConfig",
                action: getFunctionRecursionConfig,
              },
              {
                method: "PUT",
                path: RECURSION_CONFIG,
                name: "PutFunctionRecursionConfig",
                action: putFunctionRecursionConfig,
              },
              { method: "GET", path: PATH, name: "ListFunctions", action: listFunctions },
              {
                method: "GET",
                path: "/2016-08-19/account-settings",
                name: "GetAccountSettings",
                action: getAccountSettings,
              },
            ],
          },
          cloud,
          state,
        ),
      ],
      resources: resourceTypes(cloud, state),
      ready: () => {
        asyncInvocations.resume();
        for (const poller of pollers) poller.start();
      },
      stop: async () => {
        asyncInvocations.stop();
        for (const poller of pollers) poller.stop();
        await Promise.all([...functions.values()].map((runtime) => runtime.stop()));
        await asyncInvocations.settled();
      },
    };
  },
};
