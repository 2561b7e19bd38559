import { jsonApi } from "../api/json.ts";
import type { Service } from "../service.ts";
import { getGreeting } from "./actions/get-greeting.ts";
import { putGreeting } from "./actions/put-greeting.ts";
import { resourceTypes } from "./resources.ts";
import { openState } from "./state.ts";

/** The smallest service: a template for a new one, which nothing but its test starts. Emits the event greeting-put. */
export const hello: Service = {
  name: "hello",
  start: (cloud) => {
    const state = openState(cloud);
    return {
      apis: [
        jsonApi(
          {
            signingName: "hello",
            targetPrefix: "Hello_20260101",
            version: "1.1",
            invalidInputCode: "ValidationException",
            actions: { GetGreeting: getGreeting, PutGreeting: putGreeting },
          },
          cloud,
          state,
        ),
      ],
      resources: resourceTypes(cloud, state),
    };
  },
};
