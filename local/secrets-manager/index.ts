import { jsonApi } from "../api/json.ts";
import type { Service } from "../service.ts";
import { getSecretValue } from "./actions/get-secret-value.ts";
import { resourceTypes } from "./resources.ts";
import { openState } from "./state.ts";

/** AWS Secrets Manager: the secrets of the template, generated once and then kept. */
export const secretsManager: Service = {
  name: "secrets-manager",
  start: (cloud) => {
    const state = openState(cloud);
    return {
      apis: [
        jsonApi(
          {
            signingName: "secretsmanager",
            targetPrefix: "secretsmanager",
            version: "1.1",
            invalidInputCode: "InvalidParameterException",
            actions: { GetSecretValue: getSecretValue },
          },
          cloud,
          state,
        ),
      ],
      resources: resourceTypes(cloud, state),
    };
  },
};
