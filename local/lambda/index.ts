import { restApi } from "../api/rest.ts";
import type { Service } from "../service.ts";
import { createEventSourceMapping } from "./actions/create-event-source-mapping.ts";
import { deleteEventSourceMapping } from "./actions/delete-event-source-mapping.ts";
import { getEventSourceMapping } from "./actions/get-event-source-mapping.ts";
import { listEventSourceMappings } from "./actions/list-event-source-mappings.ts";
import { updateEventSourceMapping } from "./actions/update-event-source-mapping.ts";
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
const MAPPINGS = "/2015-03-31/event-source-mappings";
const MAPPING = `${MAPPINGS}/{UUID}`;
const RECURSION_CONFIG = "/2024-08-31/functions/{FunctionName}/recursion-config";

/**
 * AWS Lambda: runs each packaged bundle in worker threads, with its role's credentials, timeout, retries and destination,
 * and reads queues and data streams for functions.
 *
 * Emits the events invoked, log, throttled, event-handled, event-failed, event-throttled, destination-failed,
 * recursion-stopped, batch-handled, batch-failed, batch-discarded, poll-failed and write-failed.
 */
export const lambda: Service = {
  name: "lambda",
  start: (cloud) => {
    const state = openState(cloud);
    const { asyncInvocations, functions, mappings } = state;
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
                method: "POST",
                path: MAPPINGS,
                name: "CreateEventSourceMapping",
                action: createEventSourceMapping,
              },
              {
                method: "GET",
                path: MAPPINGS,
                name: "ListEventSourceMappings",
                action: listEventSourceMappings,
              },
              {
                method: "GET",
                path: MAPPING,
                name: "GetEventSourceMapping",
                action: getEventSourceMapping,
              },
              {
                method: "PUT",
                path: MAPPING,
                name: "UpdateEventSourceMapping",
                action: updateEventSourceMapping,
              },
              {
                method: "DELETE",
                path: MAPPING,
                name: "DeleteEventSourceMapping",
                action: deleteEventSourceMapping,
              },
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
        mappings.start();
      },
      stop: async () => {
        asyncInvocations.stop();
        const stopped = mappings.stop();
        await Promise.all([...functions.values()].map((runtime) => runtime.stop()));
        await stopped;
        await asyncInvocations.settled();
      },
    };
  },
};
